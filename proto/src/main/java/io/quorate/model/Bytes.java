package io.quorate.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Immutable bytes, ordered as unsigned numbers from the left: the order of the keyspace. */
public final class Bytes implements Comparable<Bytes> {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] array;
  private int hash;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** Takes the array as it is: the caller must not change it any more. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array);
  }

  public static Bytes copyOf(byte[] array) {
    return wrap(array.clone());
  }

  public static Bytes of(ByteString bytes) {
    return bytes.isEmpty() ? EMPTY : new Bytes(bytes.toByteArray());
  }

  /** The UTF-8 form of a text. */
  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  public static Bytes fromHex(String hex) {
    return wrap(HexFormat.of().parseHex(hex));
  }

  /** The array itself, for encoders and storage calls that only read it. */
  public byte[] unsafeArray() {
    return array;
  }

  public byte[] toByteArray() {
    return array.clone();
  }

  /** A view without a copy. */
  public ByteString toByteString() {
    return UnsafeByteOperations.unsafeWrap(array);
  }

  public ByteBuffer asReadOnlyBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  public int length() {
    return array.length;
  }

  public boolean isEmpty() {
    return array.length == 0;
  }

  /** The byte at the place, 0 to 255. */
  public int at(int index) {
    return array[index] & 0xff;
  }

  public boolean startsWith(Bytes prefix) {
    return array.length >= prefix.array.length
        && Arrays.equals(array, 0, prefix.array.length, prefix.array, 0, prefix.array.length);
  }

  public Bytes concat(Bytes other) {
    byte[] both = Arrays.copyOf(array, array.length + other.array.length);
    System.arraycopy(other.array, 0, both, array.length, other.array.length);
    return wrap(both);
  }

  public Bytes slice(int from, int to) {
    return wrap(Arrays.copyOfRange(array, from, to));
  }

  /** The smallest key greater than this one: itself with a zero byte behind. */
  public Bytes next() {
    return wrap(Arrays.copyOf(array, array.length + 1));
  }

  /** The smallest key greater than every key with this prefix; empty ("no end") if there is none. */
  public Bytes prefixEnd() {
    for (int i = array.length - 1; i >= 0; i--) {
      if (array[i] != (byte) 0xff) {
        byte[] end = Arrays.copyOf(array, i + 1);
        end[i]++;
        return wrap(end);
      }
    }
    return EMPTY;
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(array, other.array);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = Arrays.hashCode(array);
      hash = h;
    }
    return h;
  }

  public String toUtf8() {
    return new String(array, StandardCharsets.UTF_8);
  }

  public String toHex() {
    return HexFormat.of().formatHex(array);
  }

  /** Printable ASCII as it is, all else as {@code \xNN}: what logs and error messages show. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(array.length + 2);
    for (byte b : array) {
      if (b >= 0x20 && b < 0x7f && b != '\\') {
        text.append((char) b);
      } else {
        text.append("\\x").append(HexFormat.of().toHexDigits(b));
      }
    }
    return text.toString();
  }
}
