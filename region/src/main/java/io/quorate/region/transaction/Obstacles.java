package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.RegionView;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stands in the way of a command or a read. Stateless. */
public final class Obstacles {
  /** Locks that one refusal names, at most. */
  public static final int MAX_NAMED = 64;

  /** Keys that a prewrite may have to look at for one transaction's reads; part of rule version 1. */
  public static final int MAX_LOOKED_AT = 100_000;

  private Obstacles() {}

  /** Locks that keep a command from being applied that is no transaction's: all locks are others'. */
  public static Optional<Refusal> of(LockView locks, Operation operation) {
    List<Lock> met = new ArrayList<>(0);
    operation.addTouched(range -> addWrites(locks, range, null, met));
    operation.addWritten(range -> addReads(locks, range, null, met));
    return locked(met);
  }

  /** Locks that keep a read from being answered. */
  public static Optional<Refusal> ofRead(
      LockView locks, List<KeyRange> ranges, long revision, List<TxnId> past) {
    List<Lock> met = new ArrayList<>(0);
    for (KeyRange range : ranges) {
      for (WriteLock lock : locks.holdingBack(range, revision, MAX_NAMED + past.size())) {
        if (!past.contains(lock.txn())) {
          met.add(lock);
        }
      }
    }
    return locked(met);
  }

  /** Locks that keep the keys of an ended lease from being deleted: those on the keys, and those that would add one. */
  public static Optional<Refusal> ofStrip(
      LockView locks, KeyRange region, long lease, List<Bytes> keys) {
    List<Lock> met = new ArrayList<>(0);
    for (WriteLock lock : locks.writes(region, Integer.MAX_VALUE)) {
      if (!lock.intent().delete() && lock.intent().lease() == lease) {
        met.add(lock);
      }
    }
    for (Bytes key : keys) {
      addWrites(locks, KeyRange.single(key), null, met);
      addReads(locks, KeyRange.single(key), null, met);
    }
    return locked(met);
  }

  private static Optional<Refusal> locked(List<Lock> met) {
    return met.isEmpty()
        ? Optional.empty()
        : Optional.of(Refusal.locked(met.stream().distinct().limit(MAX_NAMED).toList()));
  }

  private static void addWrites(
      LockView locks, KeyRange range, @Nullable TxnId mine, List<Lock> to) {
    for (WriteLock lock : locks.writes(range, MAX_NAMED + 1)) {
      if (mine == null || !lock.txn().equals(mine)) {
        to.add(lock);
      }
    }
  }

  private static void addReads(
      LockView locks, KeyRange range, @Nullable TxnId mine, List<Lock> to) {
    if (range.isEmpty()) {
      return;
    }
    for (ReadLock lock : locks.reads(range)) {
      if (mine == null || !lock.txn().equals(mine)) {
        to.add(lock);
      }
    }
  }

  /** What keeps a transaction that read at its start from locking what it read and writes: others' locks, or later writes. */
  static Optional<Refusal> ofPrewrite(RegionView view, Writes what, TxnId mine, long start) {
    LockView locks = view.locks();
    List<Lock> met = new ArrayList<>(0);
    if (!locks.isEmpty()) {
      for (Writes.Write write : what.writes()) {
        KeyRange key = KeyRange.single(write.key());
        addWrites(locks, key, mine, met);
        addReads(locks, key, mine, met);
      }
      for (KeyRange range : what.reads()) {
        // Its own write locks may be many; they are not obstacles.
        for (WriteLock lock : locks.writes(range, Integer.MAX_VALUE)) {
          if (!lock.txn().equals(mine) && met.size() < MAX_NAMED) {
            met.add(lock);
          }
        }
      }
    }
    // Nothing at all was written since.
    return !met.isEmpty() || view.lastStamp() <= start ? locked(met) : conflict(view, what, start);
  }

  private static Optional<Refusal> conflict(RegionView view, Writes what, long start) {
    for (Writes.Write write : what.writes()) {
      Version newest = view.head(write.key());
      if (newest.modRevision() > start) {
        return Optional.of(Refusal.conflict(write.key(), newest.modRevision()));
      }
    }
    int looked = 0;
    for (KeyRange range : what.reads()) {
      if (range.isSingle()) {
        Version newest = view.head(range.start());
        if (newest.modRevision() > start) {
          return Optional.of(Refusal.conflict(range.start(), newest.modRevision()));
        }
        continue;
      }
      try (KeyWalk walk = view.walk(range, VersionSource.NEWEST, false)) {
        while (walk.next()) {
          long written = walk.version().modRevision();
          if (written > start) {
            return Optional.of(Refusal.conflict(walk.key(), written));
          }
          // Tombstones may be cleaned away here and not elsewhere: only live keys count alike
          // everywhere.
          if (walk.isLive() && ++looked > MAX_LOOKED_AT) {
            return Optional.of(
                Refusal.invalid("quorate: a transaction over several regions may read "
                    + MAX_LOOKED_AT + " keys of a region, at most"));
          }
        }
      }
    }
    return Optional.empty();
  }
}
