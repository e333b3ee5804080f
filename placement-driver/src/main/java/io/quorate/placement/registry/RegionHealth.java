package io.quorate.placement.registry;

import io.quorate.proto.RegionBeat;
import io.quorate.proto.RegionCheck;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a region's replicas fare, as its leader tells.
 *
 * @param downSince replicas that do not answer, with the time of the first beat that said so (nanoseconds)
 * @param pending replicas that lag far behind, or that have no data yet
 * @param rangeSince when the range was first heard as it is now (nanoseconds)
 * @param check what the replicas came to when they were last compared; empty if its leader knows of none
 */
public record RegionHealth(
    Map<Long, Long> downSince, Set<Long> pending, long rangeSince, Optional<RegionCheck> check) {
  public static final RegionHealth FINE = new RegionHealth(Map.of(), Set.of(), 0);

  /** Of a region that was never compared. */
  public RegionHealth(Map<Long, Long> downSince, Set<Long> pending, long rangeSince) {
    this(downSince, pending, rangeSince, Optional.empty());
  }

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
    return new RegionHealth(
        down,
        Set.copyOf(beat.getPendingReplicasList()),
        rangeSince,
        beat.hasCheck() ? Optional.of(beat.getCheck()) : Optional.empty());
  }

  public boolean isWhole() {
    return downSince.isEmpty() && pending.isEmpty();
  }
}
