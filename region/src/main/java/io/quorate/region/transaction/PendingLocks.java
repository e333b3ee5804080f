package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes that are not written yet, over what is. One thread. */
public final class PendingLocks implements LockView {
  private final LockTable stored;
  private final List<LockChange> changes = new ArrayList<>(0);
  private final TreeMap<Bytes, Optional<WriteLock>> writes = new TreeMap<>();
  private final List<ReadLock> added = new ArrayList<>(0);
  private final List<ReadLock> removed = new ArrayList<>(0);
  private final TreeMap<LockTable.RecordPlace, Optional<TxnRecord>> records = new TreeMap<>();
  private int newMarks;
  private long minStart;

  public PendingLocks(LockTable stored) {
    this.stored = stored;
  }

  public void add(LockChange change) {
    changes.add(change);
    if (change instanceof LockChange.Write write) {
      writes.put(write.key(), Optional.ofNullable(write.now()));
    } else if (change instanceof LockChange.Read read) {
      (read.held() ? removed : added).remove(read.lock());
      (read.held() ? added : removed).add(read.lock());
    } else if (change instanceof LockChange.Decision record) {
      TxnRecord before = record(record.key(), record.txn());
      newMarks += (isMark(record.now()) ? 1 : 0) - (isMark(before) ? 1 : 0);
      records.put(
          new LockTable.RecordPlace(record.key(), record.txn()), Optional.ofNullable(record.now()));
    } else if (change instanceof LockChange.MinStart start) {
      minStart = Math.max(minStart, start.now());
    }
  }

  private static boolean isMark(@Nullable TxnRecord record) {
    return record != null && !record.isCommitted();
  }

  /** All that was added, in order. */
  public List<LockChange> changes() {
    return changes;
  }

  @Override
  public boolean isEmpty() {
    return changes.isEmpty() && stored.isEmpty();
  }

  @Override
  public @Nullable WriteLock write(Bytes key) {
    Optional<WriteLock> pending = writes.get(key);
    return pending == null ? stored.write(key) : pending.orElse(null);
  }

  @Override
  public List<WriteLock> writes(KeyRange range, int limit) {
    if (writes.isEmpty()) {
      return stored.writes(range, limit);
    }
    TreeMap<Bytes, WriteLock> all = new TreeMap<>();
    stored.writes(range, Integer.MAX_VALUE).forEach(lock -> all.put(lock.key(), lock));
    writes.forEach((key, lock) -> {
      if (range.contains(key)) {
        lock.ifPresentOrElse(now -> all.put(key, now), () -> all.remove(key));
      }
    });
    return all.values().stream().limit(limit).toList();
  }

  @Override
  public List<ReadLock> reads(KeyRange range) {
    if (added.isEmpty() && removed.isEmpty()) {
      return stored.reads(range);
    }
    List<ReadLock> all = new ArrayList<>(stored.reads(range));
    all.removeAll(removed);
    for (ReadLock lock : added) {
      if (lock.range().overlaps(range) && !all.contains(lock)) {
        all.add(lock);
      }
    }
    return all;
  }

  @Override
  public @Nullable TxnRecord record(Bytes key, TxnId txn) {
    Optional<TxnRecord> pending = records.get(new LockTable.RecordPlace(key, txn));
    return pending == null ? stored.record(key, txn) : pending.orElse(null);
  }

  @Override
  public long minStart() {
    return Math.max(minStart, stored.minStart());
  }

  @Override
  public int marks() {
    return stored.marks() + newMarks;
  }

  @Override
  public @Nullable TxnRecord oldestMark() {
    TxnRecord oldest = null;
    // At most so many of the stored ones are not marks any more.
    for (TxnRecord mark : stored.oldestMarks(records.size() + 1)) {
      if (!records.containsKey(new LockTable.RecordPlace(mark.key(), mark.txn()))) {
        oldest = mark;
        break;
      }
    }
    for (Map.Entry<LockTable.RecordPlace, Optional<TxnRecord>> pending : records.entrySet()) {
      TxnRecord mark = pending.getValue().orElse(null);
      if (mark != null
          && isMark(mark)
          && (oldest == null || LockTable.BY_START.compare(mark, oldest) < 0)) {
        oldest = mark;
      }
    }
    return oldest;
  }
}
