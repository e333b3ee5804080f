package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a region keeps of transactions, as its commands are judged by it. */
public interface LockView {
  /** Whether no lock stands. */
  boolean isEmpty();

  @Nullable
  WriteLock write(Bytes key);

  /** Write locks on keys of the range, in key order; at most the limit. */
  List<WriteLock> writes(KeyRange range, int limit);

  /** Read locks that overlap the range, in no order. */
  List<ReadLock> reads(KeyRange range);

  @Nullable
  TxnRecord record(Bytes key, TxnId txn);

  /** Prewrites of transactions that started at or before this revision are refused. */
  long minStart();

  /** Marks of transactions that were rolled back. */
  int marks();

  /** The mark of the transaction that started first. */
  @Nullable
  TxnRecord oldestMark();

  /** Write locks on keys of the range whose transaction may be committed at or below the revision; at most the limit. */
  default List<WriteLock> holdingBack(KeyRange range, long revision, int limit) {
    return writes(range, Integer.MAX_VALUE).stream()
        .filter(lock -> lock.minCommit() <= revision)
        .limit(limit)
        .toList();
  }
}
