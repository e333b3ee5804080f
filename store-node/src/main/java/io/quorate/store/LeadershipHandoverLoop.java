package io.quorate.store;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.ReplicaHealth;
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

  /**
   * Returns when every region led here has another leader, when the time is up, or when a whole attempt helped none: the
   * others may be stopping, too.
   */
  void run(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    List<RegionHost> left =
        engine.led().stream().filter(region -> target(region, 0).isPresent()).toList();
    for (int attempt = 0; !left.isEmpty(); attempt++) {
      List<RegionHost> now = left.subList(0, Math.min(AT_ONCE, left.size()));
      int turn = attempt;
      now.stream().filter(RegionHost::leading).forEach(region -> ask(region, turn));
      awaitHandedOver(now, Math.min(deadline, System.nanoTime() + ASK_AGAIN.toNanos()));
      List<RegionHost> before = left;
      left = before.stream().filter(region -> !isHandedOver(region)).toList();
      if (left.size() == before.size() || System.nanoTime() - deadline >= 0) {
        LOG.info(
            "store={} stops without another leader in {} regions: their other replicas will elect",
            self,
            left.size());
        return;
      }
    }
  }

  private boolean isHandedOver(RegionHost region) {
    return region.leader().filter(leader -> !leader.store().equals(self)).isPresent();
  }

  private Optional<Peer> target(RegionHost region, int turn) {
    List<Peer> others = new ArrayList<>(region.descriptor().peers());
    others.removeIf(peer -> peer.store().equals(self) || peer.role() == PeerRole.LEARNER);
    if (others.isEmpty()) {
      return Optional.empty();
    }
    ReplicaHealth health = region.health();
    List<Peer> fit = others.stream()
        .filter(peer ->
            !health.down().contains(peer.replica()) && !health.pending().contains(peer.replica()))
        .toList();
    if (!fit.isEmpty()) {
      others = fit;
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

  private void awaitHandedOver(List<RegionHost> regions, long deadline) {
    while (!regions.stream().allMatch(this::isHandedOver) && System.nanoTime() - deadline < 0) {
      new CompletableFuture<Void>()
          .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    }
  }
}
