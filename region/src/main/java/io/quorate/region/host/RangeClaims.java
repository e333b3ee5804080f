package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.command.MergeState;
import io.quorate.region.storage.SharedStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which ranges of a store are spoken for: those of its regions, as their descriptors on disk say, and those of snapshots on
 * their way in. One per engine; any thread.
 */
final class RangeClaims {
  private final SharedStore store;
  private final Map<RegionId, List<KeyRange>> coming = new HashMap<>();

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
   * Claims the range for a snapshot of the region, which takes the place also of regions that ended in it and are open here. One that
   * is not, since its data were found damaged before the start, is to be destroyed first.
   *
   * @param merges says which
   */
  synchronized Optional<String> claim(RegionId region, KeyRange range, MergeState merges) {
    List<KeyRange> ranges = new ArrayList<>(List.of(range));
    for (RegionDescriptor other : store.regions()) {
      if (merges.hasEnded(other.id(), other.epoch().version())
          && store.opened(other.id()).isPresent()) {
        // It goes with all that it has, even beyond the range: nobody else may be there by then.
        ranges.add(other.range());
      } else if (!other.id().equals(region) && other.range().overlaps(range)) {
        return Optional.of("range " + range + " overlaps " + other);
      }
    }
    Optional<String> taken = taken(region, ranges);
    if (taken.isEmpty()) {
      coming.put(region, ranges);
    }
    return taken;
  }

  synchronized void release(RegionId region) {
    coming.remove(region);
  }

  private Optional<String> taken(RegionId region, List<KeyRange> ranges) {
    Map<RegionId, List<KeyRange>> others = new HashMap<>(coming);
    store.replicas().forEach((other, record) -> {
      if (!record.ranges().isEmpty()) {
        others.put(other, record.ranges());
      }
    });
    others.remove(region);
    for (Map.Entry<RegionId, List<KeyRange>> other : others.entrySet()) {
      for (KeyRange range : ranges) {
        if (other.getValue().stream().anyMatch(range::overlaps)) {
          return Optional.of("range " + range + " overlaps region " + other.getKey()
              + ", which is on its way or being installed");
        }
      }
    }
    return Optional.empty();
  }
}
