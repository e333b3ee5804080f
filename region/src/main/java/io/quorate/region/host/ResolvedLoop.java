package io.quorate.region.host;

import io.quorate.region.order.Resolved;
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
  private final FollowerPromises followers;
  private final Set<RegionHost> wanted = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean asking = new AtomicBoolean();

  ResolvedLoop(Oracle oracle, FollowerPromises followers) {
    this.oracle = oracle;
    this.followers = followers;
  }

  /** Somebody waits for the region's promise to advance: it is made here, or asked for where the region is led. */
  void want(RegionHost region) {
    if (region.leading()) {
      wanted.add(region);
      ask();
    } else {
      followers.ask(region);
    }
  }

  /** A promise was made here. */
  void made(RegionHost region, Resolved promise) {
    followers.made(region, promise);
  }

  /** Another store has said something; whether it was about promises. */
  boolean heard(long from, byte[] word) {
    return followers.heard(from, word, this::want);
  }

  /** As {@link #want} for each region that leads; those that follow hear what was promised last. */
  void wantAll(Collection<RegionHost> regions) {
    List<RegionHost> led = regions.stream().filter(RegionHost::leading).toList();
    followers.tellAll(led);
    wanted.addAll(led);
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
