package io.quorate.placement.cluster;

import io.quorate.model.RegionDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    ClusterImage now = image;
    for (RegionDescriptor region : regions) {
      Optional<String> refusal = Succession.refusal(region, now.regions().values());
      if (refusal.isPresent()) {
        refusals.add(refusal.get());
      } else {
        now = now.withRegion(region);
      }
    }
    return refusals.isEmpty()
        ? Replayed.done(now)
        : Replayed.refused(now, Ruling.Reason.STALE, String.join("; ", refusals));
  }
}
