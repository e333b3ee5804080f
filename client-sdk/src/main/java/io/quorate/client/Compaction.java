package io.quorate.client;

import io.quorate.client.placement.HistoryClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.proto.RefusalCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Asks PD to let the past go, and tells its refusals as the client's own. Owned by {@link QuorateClient}; any thread. */
record Compaction(HistoryClient history) {
  CompletableFuture<Void> compact(long revision) {
    CompletableFuture<Void> done = history.compact(revision).thenAccept(compacted -> {});
    return done.exceptionallyCompose(failure -> {
      Throwable cause = failure instanceof CompletionException && failure.getCause() != null
          ? failure.getCause()
          : failure;
      if (!(cause instanceof PlacementException refused)) {
        return CompletableFuture.failedFuture(failure);
      }
      String message = String.valueOf(refused.getMessage());
      return switch (refused.code()) {
        case FUTURE_REVISION ->
          CompletableFuture.failedFuture(
              new RefusedException(RefusalCode.FUTURE_REVISION, message));
        case COMPACTED ->
          history
              .show()
              .thenCompose(shown -> CompletableFuture.failedFuture(
                  new RefusedException(RefusalCode.COMPACTED, message, shown.getCompacted())));
        default -> CompletableFuture.failedFuture(failure);
      };
    });
  }
}
