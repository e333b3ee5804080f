package io.quorate.region.command;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.transaction.TxnRecord;
import java.util.List;
import java.util.Optional;

/** The answer to one operation. */
public sealed interface Result {
  /**
   * Of a put.
   *
   * @param previous the key's version before, if asked for and there was one
   */
  record PutDone(Optional<KeyVersion> previous) implements Result {
    public static final PutDone PLAIN = new PutDone(Optional.empty());
  }

  /**
   * Of a delete.
   *
   * @param deleted how many keys
   * @param previous their versions before, in key order, if asked for
   */
  record Deleted(long deleted, List<KeyVersion> previous) implements Result {
    public Deleted {
      previous = List.copyOf(previous);
    }
  }

  /** Of a range read. */
  record Found(RangeResult range) implements Result {}

  /** Of a restore. */
  record Restored() implements Result {
    public static final Restored DONE = new Restored();
  }

  /**
   * Of a transaction.
   *
   * @param succeeded which branch ran
   * @param results of its operations, in order
   */
  record TxnDone(boolean succeeded, List<Result> results) implements Result {
    public TxnDone {
      results = List.copyOf(results);
    }
  }

  /**
   * Of a command about a lease.
   *
   * @param id of the lease
   * @param ttl seconds granted; 0 where it does not matter
   * @param grantRevision with the id it names the lease once for all
   * @param ranges where keys of it may lie; of a strip the region's range
   * @param deleted keys
   * @param more whether the same command has more to do
   */
  record Leased(
      long id, long ttl, long grantRevision, List<KeyRange> ranges, long deleted, boolean more)
      implements Result {
    public Leased {
      ranges = List.copyOf(ranges);
    }
  }

  /** Of a prewrite. */
  record Prewritten() implements Result {
    public static final Prewritten DONE = new Prewritten();
  }

  /** Of a commit: at which revision the transaction is committed. */
  record Committed(long revision) implements Result {}

  /** Of a roll-back. */
  record RolledBack() implements Result {
    public static final RolledBack DONE = new RolledBack();
  }

  /** Of carrying out decisions: how many locks are gone. */
  record Released(int locks) implements Result {}

  /** Of forgetting transactions. */
  record Forgotten() implements Result {
    public static final Forgotten DONE = new Forgotten();
  }

  /**
   * What has become of a transaction, where its primary lies.
   *
   * @param revision at which it is committed, or that it will not be committed below
   * @param spans what it locks, as far as it is known
   */
  record TxnState(Kind kind, long revision, List<KeyRange> spans) implements Result {
    public static final TxnState ABSENT = new TxnState(Kind.ABSENT, 0, List.of());

    /** Where it stands. */
    public enum Kind {
      COMMITTED,
      ROLLED_BACK,
      LIVE,
      ABSENT
    }

    public TxnState {
      spans = List.copyOf(spans);
    }

    /** Of one that is decided. */
    public static TxnState of(TxnRecord record) {
      return new TxnState(
          record.isCommitted() ? Kind.COMMITTED : Kind.ROLLED_BACK,
          record.committed(),
          record.spans());
    }
  }
}
