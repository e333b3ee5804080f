package io.quorate.raft.storage;

import java.util.Arrays;

/**
 * Records in the form in which RocksDB's write batch and write-ahead log hold them (RocksDB db/write_batch.cc), so that
 * appenders encode side by side and the writer crosses into native code once per round instead of once per record. Owned by
 * the appender until handed over; not thread-safe.
 *
 * <p>A batch is: sequence (8 bytes, set by RocksDB), number of records (4, little-endian), records. A record is: a tag, the
 * family (varint), key and, unless a delete, value, each with its length (varint) before it.
 */
public final class BatchBytes {
  static final int HEADER = 12;
  private static final byte DELETE = 0x4;
  private static final byte PUT = 0x5;
  private static final byte DELETE_RANGE = 0xE;
  private static final int VARINT_MAX = 5;

  private byte[] bytes;
  private int length;
  private int records;

  public BatchBytes(int expectedBytes) {
    bytes = new byte[Math.max(64, expectedBytes)];
  }

  public BatchBytes put(int family, byte[] key, byte[] value) {
    int at = beginPut(family, key, value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
    return this;
  }

  public BatchBytes delete(int family, byte[] key) {
    begin(DELETE, family, key.length);
    slice(key);
    return this;
  }

  /** Deletes the keys from the first to before the second. */
  public BatchBytes deleteRange(int family, byte[] from, byte[] until) {
    begin(DELETE_RANGE, family, from.length + until.length + VARINT_MAX);
    slice(from);
    slice(until);
    return this;
  }

  /** Starts a put and answers where in {@link #array} its value, of just that length, is to be written. */
  int beginPut(int family, byte[] key, int valueLength) {
    begin(PUT, family, key.length + valueLength + VARINT_MAX);
    slice(key);
    varint(valueLength);
    int at = length;
    length += valueLength;
    return at;
  }

  /** Valid until the next record is begun. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  int records() {
    return records;
  }

  boolean isEmpty() {
    return records == 0;
  }

  /** Copies the records to another array. */
  void copyTo(byte[] target, int at) {
    System.arraycopy(bytes, 0, target, at, length);
  }

  /** The records as a whole batch, for a {@link org.rocksdb.WriteBatch} made of bytes. */
  public byte[] toBatch() {
    byte[] batch = new byte[HEADER + length];
    header(batch, records);
    copyTo(batch, HEADER);
    return batch;
  }

  /** A whole batch's header. */
  static void header(byte[] target, int records) {
    Arrays.fill(target, 0, 8, (byte) 0);
    for (int i = 0; i < 4; i++) {
      target[8 + i] = (byte) (records >>> (8 * i));
    }
  }

  private void begin(byte tag, int family, int payload) {
    int needed = length + 1 + 3 * VARINT_MAX + payload;
    if (needed < 0) {
      throw new IllegalStateException("a batch of more than 2 GB");
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int)
          Math.min(Integer.MAX_VALUE - 8, 2L * bytes.length)));
    }
    bytes[length++] = tag;
    varint(family);
    records++;
  }

  private void slice(byte[] content) {
    varint(content.length);
    System.arraycopy(content, 0, bytes, length, content.length);
    length += content.length;
  }

  private void varint(int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  @Override
  public String toString() {
    return "BatchBytes[records=" + records + ", bytes=" + length + "]";
  }
}
