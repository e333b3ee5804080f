package io.quorate.region.lease;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/**
 * What a region keeps of a lease that keys of it hang on: that the home knows of it, or the mark that the lease has ended
 * here. Immutable.
 *
 * @param lease id
 * @param grantRevision of the lease
 * @param revokedAt stamp at which its keys went; 0 while it lives
 * @param known the keys that may be put under it: where the home will look for them
 */
public record Registration(long lease, long grantRevision, long revokedAt, KeyRanges known) {
  private static final int FORMAT = 1;

  /** Whether it lets keys be put under the lease. */
  public boolean isLive() {
    return revokedAt == 0;
  }

  /** Whether it is a mark that still keeps late registrations away: the floor has not passed it. */
  public boolean isMark(long floor) {
    return revokedAt > floor;
  }

  /**
   * Of two regions that become one. A mark wins over a registration of the same lease: it proves that the lease is ending, and
   * the keys that hang on the registration will be looked for all the same.
   */
  public static Registration unite(Registration left, Registration right) {
    if (left.grantRevision != right.grantRevision) {
      return left.grantRevision > right.grantRevision ? left : right;
    }
    if (left.isLive() != right.isLive()) {
      return left.isLive() ? right : left;
    }
    return new Registration(
        left.lease,
        left.grantRevision,
        Math.max(left.revokedAt, right.revokedAt),
        left.known.unite(right.known));
  }

  Registration with(KeyRange range) {
    return new Registration(lease, grantRevision, revokedAt, known.with(range));
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(48 + known.weight())
        .putByte(FORMAT)
        .putLong(lease)
        .putVarint(grantRevision)
        .putVarint(revokedAt);
    known.write(out);
    return out.putChecksum(0).toByteArray();
  }

  public static Registration decode(byte[] record) {
    ByteReader in = open(record, "lease registration");
    return new Registration(in.takeLong(), in.takeVarint(), in.takeVarint(), KeyRanges.read(in));
  }

  static ByteReader open(byte[] record, String what) {
    ByteReader in = new ByteReader(record, what).checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    return in;
  }
}
