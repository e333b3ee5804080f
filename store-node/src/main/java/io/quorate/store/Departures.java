package io.quorate.store;

import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which regions PD believes this store to hold, and which of those it does not any more: that is all that PD must be told of the
 * replicas that ever went.
 *
 * <p>Owner and thread: {@link HeartbeatLoop}.
 */
final class Departures {
  private final Set<RegionId> believed = new TreeSet<>();

  /** PD is told all that is held. */
  void tellAll(Collection<RegionId> held) {
    believed.clear();
    believed.addAll(held);
  }

  /** PD is told of a region that is held. */
  void tell(RegionId region) {
    believed.add(region);
  }

  /** Those that went since PD was told of them, at most so many; the others are left for the next time. */
  List<RegionId> next(Set<RegionId> held, int max) {
    List<RegionId> gone = new ArrayList<>();
    for (RegionId region : believed) {
      if (gone.size() == max) {
        break;
      }
      if (!held.contains(region)) {
        gone.add(region);
      }
    }
    believed.removeAll(gone);
    return gone;
  }
}
