package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/** How locks and records are written: {@code format ‖ kind ‖ fields ‖ checksum}. Stateless. */
public final class LockCodec {
  private static final int FORMAT = 1;
  private static final int WRITE = 1;
  private static final int READ = 2;
  private static final int RECORD = 3;

  private LockCodec() {}

  public static byte[] encode(Lock lock) {
    ByteWriter out = new ByteWriter(128).putByte(FORMAT);
    if (lock instanceof WriteLock write) {
      out.putByte(WRITE).putBytes(write.key());
      write(out, write.holder());
      out.putVarint(write.minCommit());
      write(out, write.intent());
      Ranges.write(out, write.spans());
    } else if (lock instanceof ReadLock read) {
      out.putByte(READ).putBytes(read.range().start()).putBytes(read.range().end());
      write(out, read.holder());
    }
    return out.putChecksum(0).toByteArray();
  }

  /**
   * Reads a lock.
   *
   * @throws IllegalStateException if it is damaged, or of a format or kind that this build does not know
   */
  public static Lock decode(byte[] record) {
    ByteReader in = open(record, "lock");
    int kind = in.takeByte();
    return switch (kind) {
      case WRITE ->
        new WriteLock(
            in.takeBytes(), readHolder(in), in.takeVarint(), readIntent(in), Ranges.read(in));
      case READ -> new ReadLock(new KeyRange(in.takeBytes(), in.takeBytes()), readHolder(in));
      default -> throw in.damaged("kind " + kind + " is unknown to this build; run a newer one");
    };
  }

  public static byte[] encode(TxnRecord record) {
    ByteWriter out = new ByteWriter(96).putByte(FORMAT).putByte(RECORD).putBytes(record.key());
    record.txn().write(out);
    out.putVarint(record.start()).putVarint(record.committed());
    Ranges.write(out, record.spans());
    return out.putChecksum(0).toByteArray();
  }

  /** As {@link #decode}, of a record. */
  public static TxnRecord decodeRecord(byte[] record) {
    ByteReader in = open(record, "transaction record");
    int kind = in.takeByte();
    if (kind != RECORD) {
      throw in.damaged("kind " + kind + " is unknown to this build; run a newer one");
    }
    return new TxnRecord(
        in.takeBytes(), TxnId.read(in), in.takeVarint(), in.takeVarint(), Ranges.read(in));
  }

  private static ByteReader open(byte[] record, String what) {
    ByteReader in = new ByteReader(record, what).checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    return in;
  }

  static void write(ByteWriter out, Holder holder) {
    holder.txn().write(out);
    out.putVarint(holder.start()).putBytes(holder.primary()).putVarint(holder.ttlMillis());
  }

  static Holder readHolder(ByteReader in) {
    return new Holder(TxnId.read(in), in.takeVarint(), in.takeBytes(), (int) in.takeVarint());
  }

  static void write(ByteWriter out, WriteLock.Intent intent) {
    out.putVarint(intent.sub())
        .putByte(intent.delete() ? 1 : 0)
        .putLong(intent.lease())
        .putBytes(intent.value());
  }

  static WriteLock.Intent readIntent(ByteReader in) {
    return new WriteLock.Intent(
        (int) in.takeVarint(), in.takeByte() != 0, in.takeLong(), in.takeBytes());
  }

  /** What tells a read lock from others that begin at the same key. */
  public static Bytes suffix(ReadLock lock) {
    ByteWriter out = new ByteWriter(TxnId.BYTES + lock.range().end().length());
    lock.txn().write(out);
    return Bytes.wrap(out.putRaw(lock.range().end()).toByteArray());
  }
}
