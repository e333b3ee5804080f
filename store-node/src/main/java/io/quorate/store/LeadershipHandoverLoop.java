package io.quorate.store;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the store's leaderships to other replicas before it stops, so that nobody waits for an election timeout.
 *
 * <p>Owner and thread: the close of {@link StoreNode}.
 */
final class LeadershipHandoverLoop {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipHandoverLoop.class);
  private static final int AT_ONCE = 64;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  private final StoreEngine engine;
  private final StoreId self;

  LeadershipHandoverLoop(StoreEngine engine, StoreId self) {
    this.engine = engine;
    this.self = self;
  }

  /** Returns when nothing is led any more that another voter could lead, or when the time is up. */
  void run(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    int attempt = 0;
    while (true) {
      List<RegionHost> led = movable();
      if (led.isEmpty()) {
        return;
      }
      if (System.nanoTime() - deadline >= 0) {
        LOG.info(
            "store={} stops while it leads {} regions: their other replicas will elect",
            self,
            led.size());
        return;
      }
      List<RegionHost> now = led.subList(0, Math.min(AT_ONCE, led.size()));
      int turn = attempt++;
      now.forEach(region -> ask(region, turn));
      awaitHandedOver(now, Math.min(deadline, System.nanoTime() + ASK_AGAIN.toNanos()));
    }
  }

  private List<RegionHost> movable() {
    return engine.led().stream().filter(region -> target(region, 0).isPresent()).toList();
  }

  private Optional<Peer> target(RegionHost region, int turn) {
    List<Peer> others = new ArrayList<>(region.descriptor().peers());
    others.removeIf(peer -> peer.store().equals(self) || peer.role() == PeerRole.LEARNER);
    if (others.isEmpty()) {
      return Optional.empty();
    }
    // By region id, so that one store does not get them all; another one at the next turn, for that
    // may be down.
    long index = region.descriptor().id().value() + turn;
    return Optional.of(others.get((int) (index % others.size())));
  }

  private void ask(RegionHost region, int turn) {
    target(region, turn).ifPresent(peer -> {
      var unused = region.transferLeadership(peer).exceptionally(failure -> {
        LOG.debug(
            "region={} leadership not handed to {}: {}",
            region.descriptor().id(),
            peer,
            failure.getMessage());
        return null;
      });
    });
  }

  private static void awaitHandedOver(List<RegionHost> regions, long deadline) {
    while (regions.stream().anyMatch(RegionHost::leading) && System.nanoTime() - deadline < 0) {
      new CompletableFuture<Void>()
          .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    }
  }
}
