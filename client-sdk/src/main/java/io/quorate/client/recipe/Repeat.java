package io.quorate.client.recipe;

import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.RefusedException;
import io.quorate.client.UnavailableException;
import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Repeats what may be done twice until it is answered. Any thread; waits on none. */
final class Repeat {
  /** Between two tries: each has waited for its own deadline before it failed. */
  static final long PAUSE_MILLIS = 100;

  private Repeat() {}

  /**
   * Asks until there is an answer, or one that no repetition changes.
   *
   * @param ask may be done any number of times
   * @param wanted asked before each repetition; once it is not, the last failure is the answer
   */
  static <T> CompletableFuture<T> untilAnswered(
      Supplier<CompletableFuture<T>> ask, BooleanSupplier wanted) {
    return ask.get()
        .exceptionallyCompose(failure -> isPassing(failure) && wanted.getAsBoolean()
            ? later(() -> untilAnswered(ask, wanted))
            : CompletableFuture.failedFuture(cause(failure)));
  }

  /** Whether asking again may help. */
  static boolean isPassing(Throwable failure) {
    Throwable cause = cause(failure);
    return cause instanceof UnavailableException || cause instanceof OutcomeUnknownException;
  }

  static <T> CompletableFuture<T> later(Supplier<CompletableFuture<T>> step) {
    return new CompletableFuture<Void>()
        .completeOnTimeout(null, PAUSE_MILLIS, TimeUnit.MILLISECONDS)
        .thenComposeAsync(now -> step.get());
  }

  static Executor pause(long millis) {
    return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
  }

  /** The failure as whoever relies on a session is told: a lease that is gone is a session that is lost. */
  static Throwable ofSession(Throwable failure, Bytes key) {
    Throwable cause = cause(failure);
    return cause instanceof RefusedException refused
            && refused.code() == RefusalCode.LEASE_NOT_FOUND
        ? new LostException(Loss.LEASE_GONE, key)
        : cause;
  }

  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
