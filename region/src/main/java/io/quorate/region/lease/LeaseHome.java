package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/**
 * What a lease's home keeps of it, in its replicated state. With the grant's revision the id names the lease once for all:
 * ids may be granted again. Immutable.
 *
 * @param id any number but 0
 * @param grantRevision stamp of its grant
 * @param ttl seconds granted
 * @param remaining seconds that were left at the last checkpoint; 0: none counts, the whole time is left
 * @param revoking whether it has ended and only its keys are still to go
 * @param ranges where keys of it may lie
 */
public record LeaseHome(
    long id, long grantRevision, long ttl, long remaining, boolean revoking, KeyRanges ranges) {
  private static final int FORMAT = 1;

  /** The place of the lease in the keyspace, which says who its home is. */
  public static Bytes key(long id) {
    return Bytes.wrap(new ByteWriter(Long.BYTES).putLong(id).toByteArray());
  }

  LeaseHome withRemaining(long seconds) {
    return new LeaseHome(id, grantRevision, ttl, seconds, revoking, ranges);
  }

  LeaseHome withRanges(KeyRanges known) {
    return new LeaseHome(id, grantRevision, ttl, remaining, revoking, known);
  }

  LeaseHome ended() {
    return new LeaseHome(id, grantRevision, ttl, remaining, true, ranges);
  }

  public byte[] encode() {
    ByteWriter out = new ByteWriter(64 + ranges.weight())
        .putByte(FORMAT)
        .putLong(id)
        .putVarint(grantRevision)
        .putVarint(ttl)
        .putVarint(remaining)
        .putByte(revoking ? 1 : 0);
    ranges.write(out);
    return out.putChecksum(0).toByteArray();
  }

  public static LeaseHome decode(byte[] record) {
    ByteReader in = Registration.open(record, "lease");
    return new LeaseHome(
        in.takeLong(),
        in.takeVarint(),
        in.takeVarint(),
        in.takeVarint(),
        in.takeByte() == 1,
        KeyRanges.read(in));
  }
}
