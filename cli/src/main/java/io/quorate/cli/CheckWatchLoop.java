package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.proto.RegionCheck;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits until the leaders of regions have told what their replicas came to. Thread: the command's, which it blocks.
 *
 * @param placement asked again and again
 * @param before each region's last comparison, by region, as known before the new one was ordered
 */
record CheckWatchLoop(PlacementClient placement, Map<Long, RegionCheck> before) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  static CheckWatchLoop begin(PlacementClient placement) {
    Map<Long, RegionCheck> before = new HashMap<>();
    RegionListCommand.all(placement)
        .forEach(region ->
            region.check().ifPresent(check -> before.put(region.region().id().value(), check)));
    return new CheckWatchLoop(placement, before);
  }

  /** Those of the regions that have told in time. */
  List<Located> await(Collection<Long> regions, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    Set<Long> wanted = new HashSet<>(regions);
    while (true) {
      List<Located> told = RegionListCommand.all(placement).stream()
          .filter(region -> wanted.contains(region.region().id().value()))
          .filter(this::isNew)
          .toList();
      if (told.size() == wanted.size() || System.nanoTime() - deadline >= 0) {
        return told;
      }
      new CompletableFuture<Void>()
          .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    }
  }

  private boolean isNew(Located region) {
    return region
        .check()
        .filter(check -> !check.equals(before.get(region.region().id().value())))
        .isPresent();
  }
}
