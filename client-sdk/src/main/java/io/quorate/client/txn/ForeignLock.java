package io.quorate.client.txn;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.LockInfo;
import io.quorate.proto.LockKind;

/**
 * A lock of a transaction that stands in somebody's way.
 *
 * @param owner who holds it
 * @param range of keys that it covers
 * @param write whether it hides a write; else it only keeps others from writing
 * @param ttlMillis for how long a silent owner is waited for
 * @param ageMillis since the leader of the lock's region knows it
 */
public record ForeignLock(
    TransactionId owner, KeyRange range, boolean write, long ttlMillis, long ageMillis) {
  /** Of what a region tells. */
  public static ForeignLock of(LockInfo lock) {
    return new ForeignLock(
        new TransactionId(
            Bytes.of(lock.getTxnId()), lock.getStartRevision(), Bytes.of(lock.getPrimary())),
        Wire.range(lock.getRange()),
        lock.getKind() == LockKind.WRITE_LOCK,
        lock.getTtlMs(),
        lock.getAgeMs());
  }

  /** Whether its owner may be rolled back if nothing of it is at its primary. */
  public boolean isOld() {
    return ageMillis >= ttlMillis;
  }
}
