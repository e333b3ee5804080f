package io.quorate.placement.registry;

import java.time.Duration;

/**
 * Bounds of the registry.
 *
 * @param liveness how long stores may be silent
 * @param lookupMax regions in one answer
 * @param watchPendingMax changed regions that may wait for one watcher before it gets the listing anew
 * @param watchersMax watchers of the region map
 * @param ordersMax orders in one answer to a heartbeat; the next answer carries the next
 * @param vacancyPatience a region's new shape waits for so long for news of those who own what it owned before
 * @param staleReplicaAge a replica that its region does not count is ordered away after this
 */
public record RegistryLimits(
    LivenessLimits liveness,
    int lookupMax,
    int watchPendingMax,
    int watchersMax,
    int ordersMax,
    Duration vacancyPatience,
    Duration staleReplicaAge) {
  public static RegistryLimits defaults() {
    return new RegistryLimits(
        LivenessLimits.defaults(),
        1_000,
        10_000,
        10_000,
        256,
        Duration.ofSeconds(30),
        Duration.ofSeconds(10));
  }

  public RegistryLimits withLiveness(LivenessLimits changed) {
    return new RegistryLimits(
        changed,
        lookupMax,
        watchPendingMax,
        watchersMax,
        ordersMax,
        vacancyPatience,
        staleReplicaAge);
  }

  public RegistryLimits withStaleReplicaAge(Duration age) {
    return new RegistryLimits(
        liveness, lookupMax, watchPendingMax, watchersMax, ordersMax, vacancyPatience, age);
  }
}
