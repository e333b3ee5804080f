package io.quorate.placement.registry;

import io.quorate.proto.RegionBeat;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a region's replicas fare, as its leader tells.
 *
 * @param downSince replicas that do not answer, with the time of the first beat that said so (nanoseconds)
 * @param pending replicas that lag far behind, or that have no data yet
 * @param rangeSince when the range was first heard as it is now (nanoseconds)
 */
public record RegionHealth(Map<Long, Long> downSince, Set<Long> pending, long rangeSince) {
  public static final RegionHealth FINE = new RegionHealth(Map.of(), Set.of(), 0);

  public RegionHealth {
    downSince = Map.copyOf(downSince);
    pending = Set.copyOf(pending);
  }

  static RegionHealth of(RegionBeat beat, @Nullable HeardRegion before, long nowNanos) {
    Map<Long, Long> down = new HashMap<>();
    for (long replica : beat.getDownReplicasList()) {
      Long since = before == null ? null : before.health().downSince().get(replica);
      down.put(replica, since == null ? nowNanos : since);
    }
    long rangeSince = before != null
            && before.descriptor().epoch().version()
                == beat.getRegion().getEpoch().getVersion()
        ? before.health().rangeSince()
        : nowNanos;
    return new RegionHealth(down, Set.copyOf(beat.getPendingReplicasList()), rangeSince);
  }

  public boolean isWhole() {
    return downSince.isEmpty() && pending.isEmpty();
  }
}
