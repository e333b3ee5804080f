package io.quorate.region.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Keeps the regions of a store resolved: one question to the oracle for all that want it, at once when somebody waits and now
 * and then for those that lead. Owned by the engine; any thread, never blocks.
 */
final class ResolvedLoop {
  private final Oracle oracle;
  private final Set<RegionHost> wanted = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean asking = new AtomicBoolean();

  ResolvedLoop(Oracle oracle) {
    this.oracle = oracle;
  }

  /** Somebody waits for the region's promise to advance. */
  void want(RegionHost region) {
    wanted.add(region);
    ask();
  }

  /** As {@link #want} for each region that leads. */
  void wantAll(Collection<RegionHost> regions) {
    for (RegionHost region : regions) {
      if (region.leading()) {
        wanted.add(region);
      }
    }
    ask();
  }

  private void ask() {
    if (wanted.isEmpty() || !asking.compareAndSet(false, true)) {
      return;
    }
    // Taken before the question is sent: its answer is of after they came.
    List<RegionHost> asked = new ArrayList<>();
    wanted.removeIf(asked::add);
    // If it fails, those who still wait are asked for again by the next tick.
    var unused = oracle.current().whenComplete((state, failure) -> {
      asking.set(false);
      if (state != null) {
        asked.forEach(region -> region.resolver().advance(state));
      }
      ask();
    });
  }
}
