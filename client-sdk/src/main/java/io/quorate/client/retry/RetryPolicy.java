package io.quorate.client.retry;

import io.quorate.client.retry.Decision.GiveUp;
import io.quorate.client.retry.Decision.Retry;
import io.quorate.client.retry.Decision.Verdict;
import io.quorate.model.RegionError;

/**
 * Decides what follows a failed attempt. Pure: time left and jitter are arguments, the caller waits.
 *
 * <p>The one rule that is never bent: a write that may have happened is repeated only under its name, and never called undone.
 * Without a name, or once the time is over, it ends as {@link Verdict#UNKNOWN}.
 *
 * @param routing pauses while a region has no leader or its shape is changing
 * @param trouble pauses while a store is unreachable, busy or silent
 * @param quickRetries attempts that may follow at once when an answer said where to go
 */
public record RetryPolicy(Backoff routing, Backoff trouble, int quickRetries) {
  private static final int MISDIRECTIONS_MAX = 5;

  /** Pauses of 2 to 100 ms for routing, 5 to 250 ms for trouble, 3 quick retries. */
  public static RetryPolicy defaults() {
    return new RetryPolicy(new Backoff(2, 100), new Backoff(5, 250), 3);
  }

  /**
   * The rule.
   *
   * @param jitter drawn from [0, 1)
   */
  public Decision decide(Attempt attempt, Failure failure, double jitter) {
    boolean unknown = attempt.doubtful();
    if (failure.mayHaveHappened() && !attempt.repeatable()) {
      return giveUp(true, Verdict.UNKNOWN, failure.message());
    }
    if (failure instanceof Failure.Closed) {
      return giveUp(unknown, Verdict.CLOSED, failure.message());
    }
    if (failure instanceof Failure.Overloaded) {
      return giveUp(unknown, Verdict.NOT_DONE, failure.message());
    }
    if (failure instanceof Failure.Answered answered
        && answered.error() instanceof RegionError.Misdirected
        && attempt.failures() >= MISDIRECTIONS_MAX) {
      return giveUp(unknown, Verdict.NOT_DONE, failure.message());
    }
    Retry retry = failure instanceof Failure.Answered answered
        ? afterAnswer(attempt, answered.error(), jitter)
        : afterTrouble(attempt, jitter);
    if (retry.pauseMillis() >= attempt.remainingMillis()) {
      return giveUp(
          unknown,
          Verdict.NOT_DONE,
          "not done within the deadline, after " + attempt.failures() + " attempts; last: "
              + failure.message());
    }
    return retry;
  }

  private static GiveUp giveUp(boolean unknown, Verdict certain, String message) {
    return unknown
        ? new GiveUp(Verdict.UNKNOWN, "the write may or may not have happened: " + message)
        : new GiveUp(certain, message);
  }

  private Retry afterAnswer(Attempt attempt, RegionError error, double jitter) {
    int failures = attempt.failures();
    if (error instanceof RegionError.NotLeader notLeader) {
      boolean named = notLeader.leader().isPresent();
      return named && failures <= quickRetries
          ? new Retry(0, false, false)
          : new Retry(routing.delayMillis(failures, jitter), !named, failures > 1);
    }
    if (error instanceof RegionError.EpochMismatch mismatch) {
      return !mismatch.current().isEmpty() && failures <= quickRetries
          ? new Retry(0, false, false)
          : new Retry(routing.delayMillis(failures, jitter), false, true);
    }
    if (error instanceof RegionError.KeyOutOfRange) {
      return failures <= quickRetries
          ? new Retry(0, false, true)
          : new Retry(routing.delayMillis(failures, jitter), false, true);
    }
    if (error instanceof RegionError.RegionNotFound) {
      return new Retry(routing.delayMillis(failures, jitter), true, true);
    }
    if (error instanceof RegionError.ServerBusy busy) {
      long pause = Math.max(busy.retryAfterMillis(), trouble.delayMillis(failures, jitter));
      return new Retry(pause, false, false);
    }
    if (error instanceof RegionError.DeadlineExceeded
        || error instanceof RegionError.Indeterminate) {
      return new Retry(routing.delayMillis(failures, jitter), false, failures > 1);
    }
    return new Retry(routing.delayMillis(failures, jitter), true, true);
  }

  private Retry afterTrouble(Attempt attempt, double jitter) {
    return new Retry(trouble.delayMillis(attempt.failures(), jitter), true, true);
  }
}
