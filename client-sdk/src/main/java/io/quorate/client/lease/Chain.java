package io.quorate.client.lease;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Goes on after a future in one of two ways. Stateless. */
final class Chain {
  private Chain() {}

  /** What follows on success, or on failure; a failure of what follows is not caught. */
  static <A, B> CompletableFuture<B> of(
      CompletableFuture<A> first,
      Function<A, CompletableFuture<B>> success,
      Function<Throwable, CompletableFuture<B>> failure) {
    CompletableFuture<B> result = new CompletableFuture<>();
    var unused = first.whenComplete((value, problem) -> {
      CompletableFuture<B> next;
      try {
        next = problem == null ? success.apply(value) : failure.apply(LeaseClient.cause(problem));
      } catch (RuntimeException e) {
        // The one who waits is told; whoever completed the first is not to blame.
        result.completeExceptionally(e);
        return;
      }
      var ignored = next.whenComplete((end, trouble) -> {
        if (trouble == null) {
          result.complete(end);
        } else {
          result.completeExceptionally(LeaseClient.cause(trouble));
        }
      });
    });
    return result;
  }
}
