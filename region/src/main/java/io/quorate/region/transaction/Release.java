package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.RegionView;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.mvcc.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Locks that one command releases, and what is written in their places. One thread, one use. */
final class Release {
  private final RegionView view;
  private final List<Mutation> mutations = new ArrayList<>();
  private final List<LeaseChange> leases = new ArrayList<>(0);
  private final List<LockChange> changes = new ArrayList<>();
  private final Set<Bytes> taken = new HashSet<>();
  private final Set<ReadLock> released = new HashSet<>();

  Release(RegionView view) {
    this.view = view;
  }

  /**
   * Writes what the transaction has locked in the ranges.
   *
   * @param deciding its primary if this command decides it: nothing else releases that
   */
  void commit(TxnId txn, long revision, List<KeyRange> ranges, @Nullable Bytes deciding) {
    List<WriteLock> locks = new ArrayList<>(writes(txn, ranges, deciding));
    locks.sort(Comparator.comparingInt(lock -> lock.intent().sub()));
    for (WriteLock lock : locks) {
      // A lock of a prewrite that came again after all was done, which nobody waited for: its least
      // revision is above the commit's.
      if (revision >= lock.minCommit()) {
        Version newest = view.head(lock.key());
        if (newest.modRevision() >= revision) {
          throw new IllegalStateException("key " + lock.key() + " was written at "
              + newest.modRevision() + " under a lock that leaves open " + lock.minCommit());
        }
        write(lock.key(), lock.intent(), newest, revision);
      }
      changes.add(new LockChange.Write(lock.key(), null));
    }
    releaseReads(txn, ranges);
  }

  void write(Bytes key, WriteLock.Intent intent, Version newest, long revision) {
    if (intent.delete() && !newest.isLive()) {
      return;
    }
    Version version = intent.delete()
        ? Version.tombstone(revision, intent.sub())
        : Version.over(newest, revision, intent.sub(), intent.lease(), intent.value());
    mutations.add(new Mutation(key, version));
    LeaseChange.addMoves(key, newest, version, leases);
  }

  /** Releases what the transaction has locked in the ranges, as if it had never been. */
  void rollBack(TxnId txn, List<KeyRange> ranges, @Nullable Bytes deciding) {
    for (WriteLock lock : writes(txn, ranges, deciding)) {
      changes.add(new LockChange.Write(lock.key(), null));
    }
    releaseReads(txn, ranges);
  }

  /** Raises the least commit revision of what the transaction has locked in the ranges. */
  void push(TxnId txn, long minCommit, List<KeyRange> ranges) {
    for (WriteLock lock : writes(txn, ranges, null)) {
      if (lock.minCommit() < minCommit) {
        changes.add(new LockChange.Write(lock.key(), lock.pushed(minCommit)));
      }
    }
  }

  void add(LockChange change) {
    changes.add(change);
  }

  /** Of the transaction, each once. */
  private List<WriteLock> writes(TxnId txn, List<KeyRange> ranges, @Nullable Bytes deciding) {
    List<WriteLock> found = new ArrayList<>();
    for (KeyRange range : ranges) {
      for (WriteLock lock : view.locks().writes(range, Integer.MAX_VALUE)) {
        boolean free = !lock.isPrimary() || lock.key().equals(deciding);
        if (lock.txn().equals(txn) && free && taken.add(lock.key())) {
          found.add(lock);
        }
      }
    }
    return found;
  }

  private void releaseReads(TxnId txn, List<KeyRange> ranges) {
    for (KeyRange range : ranges) {
      for (ReadLock lock : view.locks().reads(range)) {
        if (lock.txn().equals(txn) && released.add(lock)) {
          changes.add(new LockChange.Read(lock, false));
        }
      }
    }
  }

  List<Mutation> mutations() {
    return mutations;
  }

  List<LeaseChange> leases() {
    return leases;
  }

  List<LockChange> changes() {
    return changes;
  }

  /** Locks that are gone. */
  int count() {
    int count = 0;
    for (LockChange change : changes) {
      boolean written = change instanceof LockChange.Write write && write.now() == null;
      boolean read = change instanceof LockChange.Read lock && !lock.held();
      count += written || read ? 1 : 0;
    }
    return count;
  }
}
