package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that one region keeps of transactions, in memory beside the disk. Owned by the region's state; written by its apply thread,
 * read by any.
 */
/*
 * A reader looks here before it reads the data: a lock goes from here only after what its transaction wrote can be read, and has
 * been shown to the watchers. A lock may be seen a little longer than it stands, which costs its finder a question; never shorter.
 */
public final class LockTable implements LockView {
  /** Of read locks: the same range may be locked by many. */
  private static final Comparator<ReadLock> READS = Comparator.<ReadLock, Bytes>comparing(
          lock -> lock.range().start())
      .thenComparing(lock -> lock.range().end(), KeyRange::compareEnds)
      .thenComparing(ReadLock::txn);

  private static final Comparator<TxnRecord> RECORDS =
      Comparator.comparing(TxnRecord::key).thenComparing(TxnRecord::txn);
  static final Comparator<TxnRecord> BY_START =
      Comparator.comparingLong(TxnRecord::start).thenComparing(RECORDS);

  /** Of a view of no region: never written. */
  public static final LockView NOTHING = new LockTable();

  private final TreeMap<Bytes, WriteLock> writes = new TreeMap<>();
  private final TreeMap<ReadLock, ReadLock> points = new TreeMap<>(READS);
  private final TreeMap<ReadLock, ReadLock> wide = new TreeMap<>(READS);
  private final TreeMap<RecordPlace, TxnRecord> records = new TreeMap<>();
  private final TreeMap<TxnRecord, TxnRecord> marks = new TreeMap<>(BY_START);
  /** How many write locks have each least commit revision. */
  private final TreeMap<Long, Integer> minCommits = new TreeMap<>();

  private volatile int locks;
  private volatile int committed;
  private volatile long lowest = Long.MAX_VALUE;
  private volatile long minStart;

  /** Where a record is kept. */
  record RecordPlace(Bytes key, TxnId txn) implements Comparable<RecordPlace> {
    @Override
    public int compareTo(RecordPlace other) {
      int byKey = key.compareTo(other.key);
      return byKey != 0 ? byKey : txn.compareTo(other.txn);
    }
  }

  public synchronized void apply(Collection<LockChange> changes) {
    for (LockChange change : changes) {
      if (change instanceof LockChange.Write write) {
        put(write.key(), write.now());
      } else if (change instanceof LockChange.Read read) {
        TreeMap<ReadLock, ReadLock> all = read.lock().range().isSingle() ? points : wide;
        if (read.held()) {
          all.put(read.lock(), read.lock());
        } else {
          all.remove(read.lock());
        }
      } else if (change instanceof LockChange.Decision record) {
        put(new RecordPlace(record.key(), record.txn()), record.now());
      } else if (change instanceof LockChange.MinStart start) {
        minStart = Math.max(minStart, start.now());
      }
    }
    locks = writes.size() + points.size() + wide.size();
    committed = records.size() - marks.size();
    lowest = minCommits.isEmpty() ? Long.MAX_VALUE : minCommits.firstKey();
  }

  private void put(Bytes key, @Nullable WriteLock now) {
    WriteLock before = now == null ? writes.remove(key) : writes.put(key, now);
    if (before != null) {
      minCommits.merge(before.minCommit(), -1, Integer::sum);
      minCommits.remove(before.minCommit(), 0);
    }
    if (now != null) {
      minCommits.merge(now.minCommit(), 1, Integer::sum);
    }
  }

  private void put(RecordPlace place, @Nullable TxnRecord now) {
    TxnRecord before = now == null ? records.remove(place) : records.put(place, now);
    if (before != null) {
      marks.remove(before);
    }
    if (now != null && !now.isCommitted()) {
      marks.put(now, now);
    }
  }

  @Override
  public boolean isEmpty() {
    return locks == 0;
  }

  /** How many locks stand. */
  public int size() {
    return locks;
  }

  /** How many records are kept. */
  public synchronized int recordCount() {
    return records.size();
  }

  /** Least commit revision that any write lock leaves open; the greatest of all if none stands. */
  public long lowestCommit() {
    return lowest;
  }

  /** As {@link #lowestCommit()}, of locks on keys of the range. */
  public synchronized long lowestCommit(KeyRange range) {
    if (writes.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long least = Long.MAX_VALUE;
    for (WriteLock lock : within(range).values()) {
      least = Math.min(least, lock.minCommit());
    }
    return least;
  }

  private Map<Bytes, WriteLock> within(KeyRange range) {
    return range.isEmpty()
        ? Map.of()
        : range.isUnbounded()
            ? writes.tailMap(range.start(), true)
            : writes.subMap(range.start(), true, range.end(), false);
  }

  @Override
  public synchronized @Nullable WriteLock write(Bytes key) {
    return writes.get(key);
  }

  @Override
  public synchronized List<WriteLock> writes(KeyRange range, int limit) {
    List<WriteLock> found = new ArrayList<>();
    for (WriteLock lock : within(range).values()) {
      if (found.size() >= limit) {
        break;
      }
      found.add(lock);
    }
    return found;
  }

  @Override
  public synchronized List<ReadLock> reads(KeyRange range) {
    List<ReadLock> found = new ArrayList<>();
    if (range.isEmpty()) {
      return found;
    }
    ReadLock from = new ReadLock(
        new KeyRange(range.start(), range.start()), new Holder(new TxnId(0, 0), 0, Bytes.EMPTY, 0));
    // The end of a point's range is never empty, so that nothing of its start is skipped here.
    for (ReadLock lock : points.tailMap(from, true).keySet()) {
      if (!range.contains(lock.range().start())) {
        break;
      }
      found.add(lock);
    }
    for (ReadLock lock : wide.keySet()) {
      if (lock.range().overlaps(range)) {
        found.add(lock);
      }
    }
    return found;
  }

  /** All transactions that hold a lock. */
  public synchronized Set<TxnId> holders() {
    Set<TxnId> holders = new HashSet<>();
    writes.values().forEach(lock -> holders.add(lock.txn()));
    points.keySet().forEach(lock -> holders.add(lock.txn()));
    wide.keySet().forEach(lock -> holders.add(lock.txn()));
    return holders;
  }

  /** Every read lock, by its start. */
  public synchronized List<ReadLock> allReads() {
    List<ReadLock> all = new ArrayList<>(points.keySet());
    all.addAll(wide.keySet());
    all.sort(READS);
    return all;
  }

  @Override
  public synchronized @Nullable TxnRecord record(Bytes key, TxnId txn) {
    return records.get(new RecordPlace(key, txn));
  }

  /** What is known under keys of the range, at most the limit. */
  public synchronized List<TxnRecord> records(KeyRange range, int limit) {
    List<TxnRecord> found = new ArrayList<>();
    for (TxnRecord record : records.values()) {
      if (range.contains(record.key()) && found.size() < limit) {
        found.add(record);
      }
    }
    return found;
  }

  /** Whether any record is of a transaction that was committed. Looks without waiting: it may be a moment old. */
  public boolean hasCommitted() {
    return committed > 0;
  }

  /** Records of transactions that were committed, at most the limit. */
  public synchronized List<TxnRecord> committed(int limit) {
    return committed == 0
        ? List.of()
        : records.values().stream().filter(TxnRecord::isCommitted).limit(limit).toList();
  }

  @Override
  public long minStart() {
    return minStart;
  }

  @Override
  public synchronized int marks() {
    return marks.size();
  }

  @Override
  public synchronized @Nullable TxnRecord oldestMark() {
    return marks.isEmpty() ? null : marks.firstKey();
  }

  /** The oldest marks, by the start of their transactions. */
  synchronized List<TxnRecord> oldestMarks(int limit) {
    return marks.keySet().stream().limit(limit).toList();
  }

  /** What of it belongs to a part of the region: of a read lock the part of its range that lies there. */
  public synchronized List<LockChange> part(KeyRange range) {
    List<LockChange> part = new ArrayList<>();
    within(range).forEach((key, lock) -> part.add(new LockChange.Write(key, lock)));
    for (ReadLock lock : reads(range)) {
      part.add(
          new LockChange.Read(new ReadLock(lock.range().intersect(range), lock.holder()), true));
    }
    for (TxnRecord record : records(range, Integer.MAX_VALUE)) {
      part.add(new LockChange.Decision(record.key(), record.txn(), record));
    }
    part.add(new LockChange.MinStart(minStart));
    return part;
  }

  /** Of what one region keeps that is cut, or of two that become one. */
  public static LockTable of(List<LockChange> all) {
    LockTable made = new LockTable();
    made.apply(all);
    return made;
  }
}
