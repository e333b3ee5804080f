package io.quorate.client.placement;

import java.util.concurrent.CompletableFuture;

/** One caller's question to the oracle; {@code count} 0 asks for the current state. */
final class OracleWaiter {
  final int count;
  final long deadlineNanos;
  final CompletableFuture<RevisionBlock> block = new CompletableFuture<>();
  final CompletableFuture<OracleState> state = new CompletableFuture<>();

  OracleWaiter(int count, long deadlineNanos) {
    this.count = count;
    this.deadlineNanos = deadlineNanos;
  }

  void complete(long first, OracleState answer) {
    if (count == 0) {
      state.complete(answer);
    } else {
      block.complete(new RevisionBlock(first, first + count - 1, answer));
    }
  }

  void fail(PlacementException failure) {
    state.completeExceptionally(failure);
    block.completeExceptionally(failure);
  }
}
