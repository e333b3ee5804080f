package io.quorate.placement.cluster;

import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Regions whose range or members changed, as heartbeats told; each is judged by {@link Succession} alone.
 *
 * @param regions in the order in which they were heard
 */
public record UpdateRegions(List<RegionDescriptor> regions) implements PlacementRecord {
  public UpdateRegions {
    regions = List.copyOf(regions);
  }

  @Override
  public Replayed replay(ClusterImage image) {
    List<String> refusals = new ArrayList<>();
    // One copy and one index for all of them: a record of many regions must not copy the map for
    // each.
    SortedMap<RegionId, RegionDescriptor> byId = new TreeMap<>(image.regions());
    TreeMap<Bytes, RegionDescriptor> byStart = new TreeMap<>();
    byId.values().forEach(known -> byStart.put(known.range().start(), known));
    for (RegionDescriptor region : regions) {
      List<RegionDescriptor> rivals = rivals(region, byId, byStart);
      Optional<String> refusal = Succession.refusal(region, rivals);
      if (refusal.isPresent()) {
        refusals.add(refusal.get());
        continue;
      }
      for (RegionDescriptor rival : rivals) {
        byId.remove(rival.id());
        byStart.remove(rival.range().start());
      }
      byId.put(region.id(), region);
      byStart.put(region.range().start(), region);
    }
    ClusterImage now = image.withRegions(byId);
    return refusals.isEmpty()
        ? Replayed.done(now)
        : Replayed.refused(now, Ruling.Reason.STALE, String.join("; ", refusals));
  }

  /** The region's older self and all that overlap it. */
  private static List<RegionDescriptor> rivals(
      RegionDescriptor region,
      SortedMap<RegionId, RegionDescriptor> byId,
      TreeMap<Bytes, RegionDescriptor> byStart) {
    List<RegionDescriptor> rivals = new ArrayList<>();
    Bytes from = byStart.floorKey(region.range().start());
    for (RegionDescriptor other :
        byStart.tailMap(from == null ? region.range().start() : from).values()) {
      if (!region.range().isUnbounded()
          && other.range().start().compareTo(region.range().end()) >= 0) {
        break;
      }
      if (other.range().overlaps(region.range()) && !other.id().equals(region.id())) {
        rivals.add(other);
      }
    }
    RegionDescriptor same = byId.get(region.id());
    if (same != null) {
      rivals.add(same);
    }
    return rivals;
  }
}
