package io.quorate.client.txn;

import io.quorate.model.KeyRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;

/** What is asked of regions about the locks of others, given by the client. Any thread; never blocks. */
public interface LockRequests {
  /**
   * Asks a transaction's primary.
   *
   * @param pushAbove it shall be committed above this revision, or not at all; 0 asks for nothing
   * @param rollBackAbsent if nothing of it is there, it is rolled back
   */
  CompletableFuture<PrimaryState> check(
      TransactionId id, long pushAbove, boolean rollBackAbsent, long deadlineNanos);

  /**
   * Carries out a decision.
   *
   * @param state committed or rolled back
   * @param ranges where, in whichever regions
   * @return locks released
   */
  CompletableFuture<Integer> resolve(
      TransactionId id, PrimaryState state, List<KeyRange> ranges, long deadlineNanos);

  /** Lets the primary forget a committed transaction that has no lock left. */
  CompletableFuture<Void> forget(TransactionId id, long deadlineNanos);

  /** For short tasks. */
  ScheduledExecutorService timers();
}
