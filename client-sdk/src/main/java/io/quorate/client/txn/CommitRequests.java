package io.quorate.client.txn;

import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.route.RoutingTable;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The way to regions and to the oracle, given by the client that owns this package's objects. Any thread; never blocks. */
public interface CommitRequests {
  /**
   * What every request of a transaction says of it.
   *
   * @param ttlMillis for how long others wait for a sign of life
   * @param spans wherever it locks anything
   */
  record Head(TransactionId id, long ttlMillis, List<KeyRange> spans) {
    public Head {
      spans = List.copyOf(spans);
    }
  }

  /** 16 bytes that no transaction ever had. */
  Bytes newId();

  /** The newest revision, asked after the call. */
  CompletableFuture<Long> current(long deadlineNanos);

  /** A number nobody had. */
  CompletableFuture<Long> next(long deadlineNanos);

  /**
   * Reads over as many regions as it takes.
   *
   * @param givesWay fails with {@link LocksInTheWayException} if it meets any; else it goes past those that live, by having them
   *     commit later
   */
  CompletableFuture<RangeResult> range(
      KeyRange range, RangeOptions options, boolean givesWay, long deadlineNanos);

  /**
   * Writes all of a transaction that lies in one region, if what it relies on is still so. Asked for again by its name if there is no
   * answer; fails if it is not known in the end whether it was done.
   */
  CompletableFuture<CommitEvent> atOnce(Head head, Part part, long deadlineNanos);

  /** The parts of a range that lie in one region each, as far as is known now. */
  CompletableFuture<List<RoutingTable.Piece>> pieces(KeyRange range, long deadlineNanos);

  /** Locks a part. Fails if there was no answer; so do the next four. */
  CompletableFuture<CommitEvent> prewrite(Head head, Part part, long deadlineNanos);

  /** Commits the part with the primary. */
  CompletableFuture<CommitEvent> commitPrimary(
      Head head, Part part, long revision, long deadlineNanos);

  /** Commits another part. */
  CompletableFuture<CommitEvent> commit(Head head, Part part, long revision, long deadlineNanos);

  /** Rolls a part back. */
  CompletableFuture<CommitEvent> rollBack(Head head, Part part, long deadlineNanos);

  /** Shows that it lives; false if it was rolled back. */
  CompletableFuture<Boolean> beat(Head head, long deadlineNanos);

  /** Lets the primary forget it. May fail, with no harm. */
  CompletableFuture<Void> forget(TransactionId id, long deadlineNanos);

  /** Whether the client was closed: nothing is sent any more. */
  boolean isClosed();

  /** Done after that time; fails once the client is closed. May be cancelled. */
  CompletableFuture<Void> pause(long nanos);

  /** Runs what the user gave us. */
  Executor callbacks();
}
