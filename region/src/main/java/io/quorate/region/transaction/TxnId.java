package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/** Names a transaction for all time: 128 bits, drawn at random by its coordinator. */
public record TxnId(long high, long low) implements Comparable<TxnId> {
  /** Bytes of it on the wire and on disk. */
  public static final int BYTES = 16;

  /**
   * Reads an id off the wire.
   *
   * @throws IllegalArgumentException if it is not {@link #BYTES} long
   */
  public static TxnId of(Bytes id) {
    if (id.length() != BYTES) {
      throw new IllegalArgumentException(
          "quorate: a transaction id has " + BYTES + " bytes, not " + id.length());
    }
    return read(new ByteReader(id.unsafeArray(), "transaction id"));
  }

  static TxnId read(ByteReader in) {
    return new TxnId(in.takeLong(), in.takeLong());
  }

  void write(ByteWriter out) {
    out.putLong(high).putLong(low);
  }

  public Bytes toBytes() {
    return Bytes.wrap(new ByteWriter(BYTES).putLong(high).putLong(low).toByteArray());
  }

  @Override
  public int compareTo(TxnId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return toBytes().toHex();
  }
}
