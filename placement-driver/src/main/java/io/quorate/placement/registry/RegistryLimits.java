package io.quorate.placement.registry;

/**
 * Bounds of the registry.
 *
 * @param liveness how long stores may be silent
 * @param lookupMax regions in one answer
 * @param watchPendingMax changed regions that may wait for one watcher before it gets the listing anew
 * @param watchersMax watchers of the region map
 * @param ordersMax orders in one answer to a heartbeat; the next answer carries the next
 */
public record RegistryLimits(
    LivenessLimits liveness, int lookupMax, int watchPendingMax, int watchersMax, int ordersMax) {
  public static RegistryLimits defaults() {
    return new RegistryLimits(LivenessLimits.defaults(), 1_000, 10_000, 10_000, 256);
  }

  public RegistryLimits withLiveness(LivenessLimits changed) {
    return new RegistryLimits(changed, lookupMax, watchPendingMax, watchersMax, ordersMax);
  }
}
