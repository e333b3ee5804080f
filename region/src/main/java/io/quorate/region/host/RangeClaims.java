package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.command.MergeState;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which ranges of a store are spoken for: those of its regions, as their descriptors on disk say, and those of snapshots on
 * their way in. One per engine; any thread.
 */
final class RangeClaims {
  private final SharedStore store;
  private final Map<RegionId, KeyRange> coming = new HashMap<>();

  RangeClaims(SharedStore store) {
    this.store = store;
  }

  /**
   * Claims the range for the region until {@link #release}; a claim of its own before is replaced.
   *
   * @return why not, if another region has part of it: a parent that has not applied its split yet, for one
   */
  synchronized Optional<String> claim(RegionId region, KeyRange range) {
    return claim(region, range, MergeState.NONE);
  }

  /**
   * Claims the range for a snapshot of the region, which takes the place also of regions that ended in it.
   *
   * @param merges says which
   */
  synchronized Optional<String> claim(RegionId region, KeyRange range, MergeState merges) {
    Optional<String> taken = taken(region, range, merges);
    if (taken.isEmpty()) {
      coming.put(region, range);
    }
    return taken;
  }

  synchronized void release(RegionId region) {
    coming.remove(region);
  }

  private Optional<String> taken(RegionId region, KeyRange range, MergeState merges) {
    for (RegionDescriptor other : store.regions()) {
      if (!other.id().equals(region)
          && other.range().overlaps(range)
          && !merges.hasEnded(other.id(), other.epoch().version())) {
        return Optional.of("range " + range + " overlaps " + other);
      }
    }
    for (Map.Entry<RegionId, ReplicaRecord> other : store.replicas().entrySet()) {
      if (!other.getKey().equals(region)
          && other.getValue().ranges().stream().anyMatch(range::overlaps)) {
        return Optional.of(
            "range " + range + " overlaps region " + other.getKey() + ", which is being installed");
      }
    }
    for (Map.Entry<RegionId, KeyRange> other : coming.entrySet()) {
      if (!other.getKey().equals(region) && other.getValue().overlaps(range)) {
        return Optional.of(
            "range " + range + " overlaps region " + other.getKey() + ", which is on its way");
      }
    }
    return Optional.empty();
  }
}
