package io.quorate.placement.registry;

import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.proto.StoreStats;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that one leader has heard, at one moment.
 *
 * @param stores all that ever joined
 * @param regions in key order
 * @param damaged replicas that hold other data than their leaders, by region, as their stores told
 * @param sinceNanos when the leader began to listen
 * @param nowNanos when this was taken
 */
public record HeardCluster(
    List<HeardStore> stores,
    List<HeardRegion> regions,
    Map<RegionId, Set<Long>> damaged,
    long sinceNanos,
    long nowNanos) {
  /**
   * A store and what it told.
   *
   * @param store as the log knows it
   * @param liveness UP, DISCONNECTED or DOWN, by its silence alone; DISCONNECTED also until it is heard
   * @param stats empty until it is heard
   */
  public record HeardStore(
      StoreDescriptor store, StoreDescriptor.State liveness, Optional<StoreStats> stats) {}
}
