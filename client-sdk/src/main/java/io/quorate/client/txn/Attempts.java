package io.quorate.client.txn;

import io.quorate.client.UnavailableException;
import io.quorate.client.txn.CommitStep.Conflict;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Goes between two attempts of a transaction: waits for those in the way, and a little more each time, so that many who met do
 * not meet again. Any thread.
 */
record Attempts(CommitRequests requests, LockResolver resolver, TransactionLimits limits) {
  /**
   * Done when the next attempt may begin; fails if there is none.
   *
   * @param failed attempts so far, 1 or more
   */
  CompletableFuture<Void> afterConflict(Conflict conflict, int failed, long deadlineNanos) {
    long pause = limits.pause().delayMillis(failed, ThreadLocalRandom.current().nextDouble());
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (failed >= limits.attempts() || pause >= left) {
      return CompletableFuture.failedFuture(
          new UnavailableException("not done: others came in the way in each of " + failed
              + " attempts; last: " + conflict.why()));
    }
    return resolver
        .await(conflict.inTheWay(), deadlineNanos)
        .handle((gone, failure) -> pause)
        .thenCompose(this::pause);
  }

  private CompletableFuture<Void> pause(long millis) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    var unused =
        requests.timers().schedule(() -> over.complete(null), millis, TimeUnit.MILLISECONDS);
    return over;
  }
}
