package io.quorate.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Draws what a hostile or broken client may send: requests of etcd's API, whole or damaged, by gRPC, JSON and raw bytes. Pure but for its source of numbers. */
final class FuzzInputs {
  private static final int DEPTH_MAX = 4;
  private static final int REPEATED_MAX = 4;
  private static final int GARBAGE_MAX = 600;
  private static final long[] NUMBERS = {
    0, 1, 2, 3, -1, 7, 60, 128, 1L << 31, 1L << 62, Long.MIN_VALUE, Long.MAX_VALUE
  };
  private static final byte[] BYTES = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, '{', '"', '\r', '\n'};
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADERS_FRAME = 1;
  private static final int SETTINGS_FRAME = 4;
  private static final int END_HEADERS = 4;
  private static final int END_STREAM = 1;

  private final Random random;

  FuzzInputs(long seed) {
    this.random = new Random(seed);
  }

  boolean oneIn(int many) {
    return random.nextInt(many) == 0;
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  // ------------------------------------------------------------------ messages

  /** A message of that kind with whatever in its fields. */
  Message message(Message prototype) {
    return message(prototype, 0);
  }

  private Message message(Message prototype, int depth) {
    Message.Builder drawn = prototype.newBuilderForType();
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      boolean deep = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth >= DEPTH_MAX;
      if (deep || random.nextInt(3) == 0) {
        continue;
      }
      if (field.isRepeated()) {
        for (int i = random.nextInt(REPEATED_MAX); i > 0; i--) {
          drawn.addRepeatedField(field, value(drawn, field, depth));
        }
      } else {
        drawn.setField(field, value(drawn, field, depth));
      }
    }
    return drawn.build();
  }

  private Object value(Message.Builder of, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> (int) number();
      case LONG -> number();
      case FLOAT -> random.nextFloat();
      case DOUBLE -> random.nextDouble();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> key();
      case BYTE_STRING -> ByteString.copyFromUtf8(key());
      case ENUM -> enumeration(field);
      case MESSAGE -> message(of.newBuilderForField(field).getDefaultInstanceForType(), depth + 1);
    };
  }

  private EnumValueDescriptor enumeration(FieldDescriptor field) {
    List<EnumValueDescriptor> known = field.getEnumType().getValues();
    return oneIn(8)
        ? field.getEnumType().findValueByNumberCreatingIfUnknown(1 + random.nextInt(1_000))
        : any(known);
  }

  private long number() {
    return oneIn(4) ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  /** Of few, so that requests meet. */
  private String key() {
    return switch (random.nextInt(6)) {
      case 0 -> "";
      case 1 -> "\0";
      case 2 -> "\u00ff\ud83d\ude00";
      default -> String.valueOf((char) ('a' + random.nextInt(6)));
    };
  }

  // ------------------------------------------------------------------ damage

  /** The same with some bytes other, fewer or more. */
  byte[] damaged(byte[] whole) {
    byte[] bytes = whole;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      bytes = damagedOnce(bytes);
    }
    return bytes;
  }

  private byte[] damagedOnce(byte[] bytes) {
    int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    switch (random.nextInt(5)) {
      case 0 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 1 -> {
        return join(
            Arrays.copyOf(bytes, at), garbage(8), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      case 2 -> {
        int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
        return join(Arrays.copyOf(bytes, end), Arrays.copyOfRange(bytes, at, bytes.length));
      }
      default -> {
        byte[] changed = bytes.clone();
        if (changed.length > 0) {
          changed[at] = oneIn(2)
              ? (byte) (changed[at] ^ (1 << random.nextInt(8)))
              : BYTES[random.nextInt(BYTES.length)];
        }
        return changed;
      }
    }
  }

  byte[] garbage() {
    return garbage(GARBAGE_MAX);
  }

  private byte[] garbage(int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  // ------------------------------------------------------------------ protocols

  /** A call by the JSON gateway, whole or damaged, in HTTP/1.1. */
  byte[] json(String path, Message message) {
    String text;
    try {
      text = JsonFormat.printer().print(message);
    } catch (InvalidProtocolBufferException | IllegalArgumentException unprintable) {
      text = "{}";
    }
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    if (oneIn(3)) {
      body = damaged(body);
    } else if (oneIn(50)) {
      body = "[".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
    }
    String method = oneIn(10) ? any(List.of("GET", "PUT", "HEAD", "OPTIONS", "NONE")) : "POST";
    byte[] head = (method + " " + path
            + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
    byte[] whole = join(head, body);
    return oneIn(2) ? damaged(whole) : whole;
  }

  /** A call by gRPC in frames of HTTP/2, damaged. */
  byte[] http2(String method, byte[] message) {
    byte[] data = join(new byte[] {(byte) (oneIn(8) ? 1 : 0)}, number(message.length, 4), message);
    byte[] call = join(
        PREFACE,
        frame(SETTINGS_FRAME, 0, 0, new byte[0]),
        frame(HEADERS_FRAME, END_HEADERS, 1, headers("/" + method)),
        frame(0, END_STREAM, 1, data));
    if (oneIn(4)) {
      call =
          join(call, frame(random.nextInt(12), random.nextInt(64), random.nextInt(5), garbage(64)));
    }
    return damaged(call);
  }

  private static byte[] headers(String path) {
    return join(
        header(":method", "POST"),
        header(":scheme", "http"),
        header(":path", path),
        header(":authority", "x"),
        header("te", "trailers"),
        header("content-type", "application/grpc"));
  }

  /** Literal, not indexed, not compressed (RFC 7541, 6.2.2). */
  private static byte[] header(String name, String value) {
    byte[] key = name.getBytes(StandardCharsets.US_ASCII);
    byte[] text = value.getBytes(StandardCharsets.US_ASCII);
    return join(new byte[] {0, (byte) key.length}, key, new byte[] {(byte) text.length}, text);
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return join(
        number(payload.length, 3),
        new byte[] {(byte) type, (byte) flags},
        number(stream, 4),
        payload);
  }

  private static byte[] number(int value, int bytes) {
    byte[] written = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      written[i] = (byte) (value >>> (8 * (bytes - 1 - i)));
    }
    return written;
  }
}
