package io.quorate.client;

import io.quorate.client.placement.PlacementClient;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.ShowHistoryResponse;
import io.quorate.proto.StoreStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits until the stores have removed what was compacted, by asking PD now and then. Made for one request; its steps run on I/O
 * threads.
 */
final class RemovalWait {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final PlacementClient placement;
  private final long revision;
  private final long deadlineNanos;

  RemovalWait(PlacementClient placement, long revision, Duration patience) {
    this.placement = placement;
    this.revision = revision;
    this.deadlineNanos = System.nanoTime() + patience.toNanos();
  }

  CompletableFuture<Void> run() {
    return placement
        .history()
        .show()
        .thenCombine(placement.listStores(), this::hindrance)
        .thenCompose(hindrance -> {
          if (hindrance.isEmpty()) {
            return CompletableFuture.completedFuture(null);
          }
          if (deadlineNanos - System.nanoTime() <= 0) {
            return CompletableFuture.failedFuture(new UnavailableException(
                "compacted to " + revision + ", but not all is removed yet: " + hindrance));
          }
          return new CompletableFuture<Void>()
              .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
              .thenCompose(later -> run());
        });
  }

  /** Why not all is removed; empty if it is. */
  private String hindrance(ShowHistoryResponse history, List<StoreStatus> stores) {
    if (history.getFloor() < revision) {
      return "a barrier stands at " + history.getFloor();
    }
    for (StoreStatus store : stores) {
      boolean up = Wire.store(store.getStore()).state() == StoreDescriptor.State.UP;
      if (up && store.getStats().getHistory().getSettled() < revision) {
        return "store " + store.getStore().getStoreId() + " has settled "
            + store.getStats().getHistory().getSettled();
      }
    }
    return "";
  }
}
