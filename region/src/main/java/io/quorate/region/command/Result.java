package io.quorate.region.command;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeResult;
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
}
