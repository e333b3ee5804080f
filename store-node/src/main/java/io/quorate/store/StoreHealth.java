package io.quorate.store;

import io.quorate.model.RegionId;
import io.quorate.raft.storage.RaftDatabase;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Whether a store can go on: hears of the end of its disk and of its place in the cluster, and looks up which of its regions have stopped.
 *
 * <p>Owner: {@link StoreNode}. Thread-safe; the disk's end is told on the thread that met it.
 */
final class StoreHealth {
  /** So many regions are named, the rest is counted. */
  static final int NAMED_MAX = 5;

  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private final Supplier<Map<RegionId, String>> stopped;

  /**
   * @param stopped the regions here that stopped for good, with the reasons
   */
  StoreHealth(RaftDatabase database, Supplier<Map<RegionId, String>> stopped) {
    this.stopped = stopped;
    database.onFailure(failure::complete);
  }

  /** The store must stop. */
  void fail(String reason) {
    failure.complete(reason);
  }

  /** Completes with the reason when the store's disk has failed, or it is no part of its cluster any more. */
  CompletableFuture<String> failure() {
    return failure.copy();
  }

  /** What is wrong although the store goes on, in one line; empty if nothing is. */
  String detail() {
    Map<RegionId, String> regions = stopped.get();
    if (regions.isEmpty()) {
      return "";
    }
    String named = regions.entrySet().stream()
        .limit(NAMED_MAX)
        .map(region -> "region " + region.getKey() + " stopped here: " + region.getValue())
        .collect(Collectors.joining("; "));
    return regions.size() <= NAMED_MAX
        ? named
        : named + "; and " + (regions.size() - NAMED_MAX) + " more";
  }
}
