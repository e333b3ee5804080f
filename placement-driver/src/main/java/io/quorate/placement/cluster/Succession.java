package io.quorate.placement.cluster;

import io.quorate.model.RegionDescriptor;
import java.util.Optional;

/** Which of two descriptors is newer, where ranges meet: a later version owns the keys (pd, core/region.go, check). Pure. */
public final class Succession {
  private Succession() {}

  /** Why the region may not take its place among the known ones; empty if it may. */
  public static Optional<String> refusal(
      RegionDescriptor region, Iterable<RegionDescriptor> known) {
    for (RegionDescriptor other : known) {
      boolean same = other.id().equals(region.id());
      if (same && other.epoch().membership() > region.epoch().membership()) {
        return Optional.of("region=" + region.id() + " epoch=" + region.epoch()
            + " is older than the known epoch " + other.epoch());
      }
      if ((same || other.range().overlaps(region.range()))
          && other.epoch().version() > region.epoch().version()) {
        return Optional.of("region=" + region.id() + " epoch=" + region.epoch()
            + " overlaps region " + other.id() + " of the later epoch " + other.epoch());
      }
    }
    return Optional.empty();
  }
}
