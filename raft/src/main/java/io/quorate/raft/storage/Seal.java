package io.quorate.raft.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The frame of every record in the families {@code log} and {@code raft}: format (1 byte), CRC-32C of key and content (4),
 * content. The key is part of it so that a record under another's key is found out too.
 */
final class Seal {
  static final int BYTES = 1 + Integer.BYTES;
  private static final byte FORMAT = 1;

  private Seal() {}

  /** A sealed copy of the content. */
  static byte[] seal(byte[] key, ByteBuffer content) {
    byte[] value = new byte[BYTES + content.remaining()];
    content.get(value, BYTES, content.remaining());
    seal(key, value, 0, value.length);
    return value;
  }

  /** Seals a record whose content is already in place behind the frame. */
  static void seal(byte[] key, byte[] array, int at, int length) {
    array[at] = FORMAT;
    int crc = crc(key, array, at + BYTES, length - BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      array[at + 1 + i] = (byte) (crc >>> (8 * (Integer.BYTES - 1 - i)));
    }
  }

  /**
   * The content of a record.
   *
   * @throws IllegalStateException when the format is unknown or the record damaged
   */
  static ByteBuffer open(byte[] key, byte[] value) {
    if (value.length < BYTES) {
      throw new IllegalStateException("record cut short, " + value.length + " bytes");
    }
    if (value[0] != FORMAT) {
      throw new IllegalStateException(
          "record of format " + value[0] + ", only " + FORMAT + " is known");
    }
    ByteBuffer buffer = ByteBuffer.wrap(value, 1, value.length - 1);
    int stored = buffer.getInt();
    int actual = crc(key, value, BYTES, value.length - BYTES);
    if (stored != actual) {
      throw new IllegalStateException("record damaged, checksum " + Integer.toHexString(actual)
          + " where " + Integer.toHexString(stored) + " was stored");
    }
    return buffer.slice();
  }

  private static int crc(byte[] key, byte[] array, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(key);
    crc.update(array, at, length);
    return (int) crc.getValue();
  }
}
