package io.quorate.client.txn;

import io.quorate.model.Bytes;

/**
 * Names one attempt at a transaction over several regions, once for all. Its text can be kept and read again.
 *
 * @param id 16 bytes, drawn at random
 * @param start the revision whose state it read
 * @param primary the key whose region decides it
 */
public record TransactionId(Bytes id, long start, Bytes primary) {
  /** Bytes of an id. */
  public static final int ID_BYTES = 16;

  /** Of the text that {@link #toString} gives. */
  public static TransactionId parse(String text) {
    String[] parts = text.split("-", -1);
    try {
      if (parts.length == 3 && parts[0].length() == 2 * ID_BYTES) {
        return new TransactionId(
            Bytes.fromHex(parts[0]), Long.parseLong(parts[1]), Bytes.fromHex(parts[2]));
      }
    } catch (IllegalArgumentException malformed) {
      throw new IllegalArgumentException("'" + text + "' is no transaction id", malformed);
    }
    throw new IllegalArgumentException("'" + text + "' is no transaction id");
  }

  /** Whether it began before the other; of two that began at one revision one is the older, too. */
  public boolean isOlderThan(TransactionId other) {
    return start == other.start ? id.compareTo(other.id) < 0 : start < other.start;
  }

  @Override
  public String toString() {
    return id.toHex() + "-" + start + "-" + primary.toHex();
  }
}
