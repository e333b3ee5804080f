package io.quorate.client.txn;

import io.quorate.client.UnavailableException;
import io.quorate.client.txn.CommitStep.Conflict;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Goes between two attempts of a transaction: waits for those in the way, in turn with others who wait for the same; where nobody is
 * known to be in the way, a little longer each time, so that many who met do not meet again. Any thread.
 */
record Attempts(CommitRequests requests, LockResolver resolver, TransactionLimits limits) {
  /** Who comes in turn needs no pause; but the queue is a hint, and may be of no use. */
  private static final int QUEUED_ATTEMPTS = 32;

  /**
   * Done when the next attempt may begin; fails if there is none.
   *
   * @param since start of the first attempt
   * @param failed attempts so far, 1 or more
   */
  CompletableFuture<Void> afterConflict(
      Conflict conflict, long since, int failed, long deadlineNanos) {
    boolean queued = !conflict.inTheWay().isEmpty() || !conflict.contended().isEmpty();
    long pause = queued && failed <= QUEUED_ATTEMPTS
        ? 0
        : limits.pause().delayMillis(failed, ThreadLocalRandom.current().nextDouble());
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (failed >= limits.attempts() || pause >= left) {
      return CompletableFuture.failedFuture(
          new UnavailableException("not done: others came in the way in each of " + failed
              + " attempts; last: " + conflict.why()));
    }
    CompletableFuture<Void> turn = conflict.contended().isEmpty()
        ? resolver.await(conflict.inTheWay(), since, deadlineNanos)
        : resolver.awaitTurn(conflict.contended(), since, deadlineNanos);
    return turn.handle((gone, failure) -> pause)
        .thenCompose(
            millis -> millis == 0 ? CompletableFuture.completedFuture(null) : pause(millis));
  }

  private CompletableFuture<Void> pause(long millis) {
    return requests.pause(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
