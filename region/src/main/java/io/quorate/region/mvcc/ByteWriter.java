package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Grows a byte array by numbers and bytes: what records and log entries are written with. One thread. */
public final class ByteWriter {
  private byte[] buffer;
  private int length;

  public ByteWriter(int capacity) {
    buffer = new byte[Math.max(capacity, 16)];
  }

  private void room(int bytes) {
    if (buffer.length - length < bytes) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + bytes));
    }
  }

  public ByteWriter putByte(int value) {
    room(1);
    buffer[length++] = (byte) value;
    return this;
  }

  public ByteWriter putInt(int value) {
    room(4);
    BigEndian.putInt(buffer, length, value);
    length += 4;
    return this;
  }

  public ByteWriter putLong(long value) {
    room(8);
    BigEndian.putLong(buffer, length, value);
    length += 8;
    return this;
  }

  /** Seven bits a byte, least first; a negative number takes ten bytes. */
  public ByteWriter putVarint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[length++] = (byte) rest;
    return this;
  }

  /** The bytes alone. */
  public ByteWriter putRaw(Bytes bytes) {
    room(bytes.length());
    System.arraycopy(bytes.unsafeArray(), 0, buffer, length, bytes.length());
    length += bytes.length();
    return this;
  }

  /** Length and bytes. */
  public ByteWriter putBytes(Bytes bytes) {
    return putVarint(bytes.length()).putRaw(bytes);
  }

  /** The checksum (CRC-32C) of all from the place up to here. */
  public ByteWriter putChecksum(int from) {
    return putInt(checksum(buffer, from, length));
  }

  static int checksum(byte[] of, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(of, from, to - from);
    return (int) crc.getValue();
  }

  public int length() {
    return length;
  }

  public byte[] toByteArray() {
    return length == buffer.length ? buffer : Arrays.copyOf(buffer, length);
  }
}
