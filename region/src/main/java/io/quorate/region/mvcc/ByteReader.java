package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import java.util.Arrays;

/**
 * Reads what {@link ByteWriter} wrote. What does not fit is damage: an {@link IllegalStateException} that names what was
 * read. One thread.
 */
public final class ByteReader {
  private final byte[] buffer;
  private final String what;
  private int at;
  private int end;

  /**
   * Starts at the first byte.
   *
   * @param what names the record in the message about damage
   */
  public ByteReader(byte[] buffer, String what) {
    this.buffer = buffer;
    this.what = what;
    this.end = buffer.length;
  }

  public IllegalStateException damaged(String why) {
    return new IllegalStateException("damaged " + what + ": " + why);
  }

  private void need(int bytes) {
    if (bytes < 0 || end - at < bytes) {
      throw damaged("needs " + bytes + " bytes at " + at + " of " + end);
    }
  }

  /** Checks the checksum over all, which stands at the end, and hides it. */
  public ByteReader checkWhole() {
    need(4);
    end -= 4;
    int expected = BigEndian.getInt(buffer, end);
    if (ByteWriter.checksum(buffer, 0, end) != expected) {
      throw damaged("checksum differs");
    }
    return this;
  }

  /** Checks the checksum that stands here, over all from the place up to here. */
  public void checkFrom(int from) {
    int here = at;
    if (takeInt() != ByteWriter.checksum(buffer, from, here)) {
      throw damaged("checksum differs");
    }
  }

  /** A byte, 0 to 255. */
  public int takeByte() {
    need(1);
    return buffer[at++] & 0xff;
  }

  public int takeInt() {
    need(4);
    at += 4;
    return BigEndian.getInt(buffer, at - 4);
  }

  public long takeLong() {
    need(8);
    at += 8;
    return BigEndian.getLong(buffer, at - 8);
  }

  public long takeVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = takeByte();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw damaged("endless number at " + at);
  }

  /** A number of things of which each takes at least a byte. */
  public int takeCount() {
    long count = takeVarint();
    if (count < 0 || count > end - at) {
      throw damaged(count + " things in " + (end - at) + " bytes");
    }
    return (int) count;
  }

  public Bytes takeRaw(int length) {
    need(length);
    Bytes bytes = Bytes.wrap(Arrays.copyOfRange(buffer, at, at + length));
    at += length;
    return bytes;
  }

  public Bytes takeBytes() {
    return takeRaw(takeCount());
  }

  public Bytes takeRest() {
    return takeRaw(end - at);
  }

  public int position() {
    return at;
  }

  public boolean isDone() {
    return at == end;
  }
}
