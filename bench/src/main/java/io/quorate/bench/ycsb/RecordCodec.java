package io.quorate.bench.ycsb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;

/** A YCSB record as one value: for each field its name's length, its name, its value's length, its value. */
final class RecordCodec {
  private RecordCodec() {}

  static byte[] encode(Map<String, byte[]> fields) {
    int size = 0;
    for (Map.Entry<String, byte[]> field : fields.entrySet()) {
      size += 2 * Integer.BYTES + name(field).length + field.getValue().length;
    }
    ByteBuffer record = ByteBuffer.allocate(size);
    for (Map.Entry<String, byte[]> field : fields.entrySet()) {
      byte[] name = name(field);
      record.putInt(name.length).put(name).putInt(field.getValue().length).put(field.getValue());
    }
    return record.array();
  }

  private static byte[] name(Map.Entry<String, byte[]> field) {
    return field.getKey().getBytes(StandardCharsets.UTF_8);
  }

  static Map<String, byte[]> decode(byte[] value) {
    Map<String, byte[]> fields = new HashMap<>();
    ByteBuffer record = ByteBuffer.wrap(value);
    while (record.hasRemaining()) {
      byte[] name = new byte[record.getInt()];
      record.get(name);
      byte[] field = new byte[record.getInt()];
      record.get(field);
      fields.put(new String(name, StandardCharsets.UTF_8), field);
    }
    return fields;
  }

  static Map<String, byte[]> drain(Map<String, ByteIterator> values) {
    Map<String, byte[]> fields = new HashMap<>();
    values.forEach((name, value) -> fields.put(name, value.toArray()));
    return fields;
  }

  /** Copies the fields asked for (all if none is named) into what YCSB hands us. */
  static void copy(byte[] value, @Nullable Set<String> wanted, Map<String, ByteIterator> into) {
    decode(value).forEach((name, field) -> {
      if (wanted == null || wanted.contains(name)) {
        into.put(name, new ByteArrayByteIterator(field));
      }
    });
  }
}
