package io.quorate.store;

import io.quorate.model.RegionId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which led regions a heartbeat must tell: those that changed at once, the others when their slow beat is due.
 *
 * <p>Owner and thread: {@link HeartbeatLoop}.
 */
final class BeatPlan {
  private final long slowNanos;
  private final Map<RegionId, Long> toldAt = new HashMap<>();
  private final Set<RegionId> changed = new HashSet<>();

  BeatPlan(long slowNanos) {
    this.slowNanos = slowNanos;
  }

  void changed(Collection<RegionId> regions) {
    changed.addAll(regions);
  }

  /** A new stream, perhaps to another PD: all must be told anew. */
  void forget() {
    toldAt.clear();
  }

  /** Picks from the regions led now, and counts them as told. */
  List<RegionId> due(Collection<RegionId> led, long nowNanos) {
    List<RegionId> due = led.stream()
        .filter(region -> changed.contains(region) || isSlowBeatDue(region, nowNanos))
        .sorted()
        .toList();
    toldAt.keySet().retainAll(Set.copyOf(led));
    due.forEach(region -> toldAt.put(region, nowNanos));
    changed.clear();
    return due;
  }

  private boolean isSlowBeatDue(RegionId region, long nowNanos) {
    Long told = toldAt.get(region);
    return told == null || nowNanos - told >= slowNanos;
  }
}
