package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.RegionId;
import io.quorate.region.command.Mutation;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/** How the family {@code changes} is written: {@code region ‖ revision ‖ sub → format ‖ kind ‖ user key ‖ checksum}. Stateless. */
final class ChangeRecord {
  private static final int FORMAT = 1;
  private static final int PUT = 1;
  private static final int DELETE = 2;

  private ChangeRecord() {}

  /**
   * A change, read back.
   *
   * @param key user key
   * @param delete whether it was deleted
   */
  record Change(Bytes key, boolean delete) {}

  static byte[] key(RegionId region, long revision, int sub) {
    return new ByteWriter(20)
        .putLong(region.value())
        .putLong(revision)
        .putInt(sub)
        .toByteArray();
  }

  static ChangePlace place(byte[] key) {
    ByteReader in = new ByteReader(key, "change key");
    in.takeLong();
    return new ChangePlace(in.takeLong(), in.takeInt());
  }

  static byte[] encode(Mutation mutation) {
    return new ByteWriter(6 + mutation.key().length())
        .putByte(FORMAT)
        .putByte(mutation.version().isLive() ? PUT : DELETE)
        .putRaw(mutation.key())
        .putChecksum(0)
        .toByteArray();
  }

  static Change decode(byte[] record) {
    ByteReader in = new ByteReader(record, "change record").checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    boolean delete = in.takeByte() == DELETE;
    return new Change(in.takeRest(), delete);
  }
}
