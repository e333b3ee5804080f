package io.quorate.client.txn;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;

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

  /**
   * A wait for keys.
   *
   * @param range of keys of one region
   * @param readsToo whether read locks are in the way, too
   * @param since start of the first attempt of who will lock them next: of several the oldest is told first, and has the keys for itself
   *     for a moment; 0 is told with all others and locks nothing
   * @param self transaction whose own locks do not matter; empty: none
   * @param patienceMillis after which it is over in any case
   */
  record Wait(KeyRange range, boolean readsToo, long since, Bytes self, long patienceMillis) {}

  /** Waits at the leader of the keys' region; tells whether others' locks were gone. A hint: it may be told early, or fail. */
  CompletableFuture<Boolean> await(Wait wait, long deadlineNanos);

  /** Lets the primary forget a committed transaction that has no lock left. */
  CompletableFuture<Void> forget(TransactionId id, long deadlineNanos);

  /** Done after that time; fails once the client is closed. May be cancelled. */
  CompletableFuture<Void> pause(long nanos);
}
