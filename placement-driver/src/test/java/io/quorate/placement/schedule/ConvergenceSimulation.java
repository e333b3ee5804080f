package io.quorate.placement.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.StoreDescriptor;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A cluster that does what is planned must come to rest, balanced, with few moves more than the least that could do it. */
class ConvergenceSimulation {
  private static final Limits FAST = Limits.defaults()
      .with(Setting.STORE_LIMIT_ADD_PEER, "100000")
      .with(Setting.STORE_LIMIT_REMOVE_PEER, "100000")
      .with(Setting.LEADER_SCHEDULE_LIMIT, "256");

  private record Outcome(int rounds, int moves, int transfers, int movedTwice) {}

  @Test
  void tenStoresJoinNinetyWithAHundredThousandRegions() {
    SimPlacementCluster cluster = cluster(new Random(1), 100, 90, 100_000);
    ClusterView before = cluster.view();
    Outcome outcome = run(cluster, 800);
    ClusterView after = cluster.view();
    double mean = meanBytes(after);
    double least = 0;
    for (StoreView store : before.stores()) {
      least += Math.max(0, mean - store.tally().bytes());
    }
    double average = 3.0 * bytes(after) / 3 / (3 * 100_000.0);
    double leastMoves = least / average;
    System.out.printf(
        "100 stores, 100,000 regions: %s; at least %.0f moves; bytes uneven by %.2f %%, leaders by %.2f %%%n",
        outcome, leastMoves, 100 * uneven(after, true), 100 * uneven(after, false));
    assertThat(uneven(after, true)).isLessThan(0.03);
    assertThat(uneven(after, false)).isLessThan(0.03);
    assertThat((double) outcome.moves()).isLessThan(leastMoves * 1.1);
    assertThat(outcome.movedTwice()).isLessThan(outcome.moves() / 20);
  }

  /** Small clusters of any shape come to rest, whole, and stay there. */
  @Seeds(100)
  void everyClusterComesToRest(long seed) {
    Random random = new Random(seed);
    int stores = 1 + random.nextInt(8);
    SimPlacementCluster cluster =
        cluster(random, stores, 1 + random.nextInt(stores), 1 + random.nextInt(60));
    if (stores > 4) {
      cluster.change(
          2,
          random.nextBoolean() ? StoreDescriptor.State.DRAINING : StoreDescriptor.State.UP,
          random.nextBoolean() ? StoreDescriptor.State.UP : StoreDescriptor.State.DOWN);
    }
    cluster.elect();
    run(cluster, 400);
    ClusterView rest = cluster.view();
    assertThat(Planner.plan(rest, FAST, Planner.rules(List.of()), Set.of()))
        .as("at rest")
        .isEmpty();
    int wanted = (int) rest.stores().stream()
        .filter(store -> store.isMeantToServe() && store.isUp())
        .count();
    for (int i = 0; i < rest.regionCount(); i++) {
      HeardRegion region = rest.region(i);
      if (region.leader().isEmpty()) {
        // Its only replicas were on the store that is down: nothing can be done.
        continue;
      }
      assertThat(region.descriptor().peers()).hasSizeGreaterThanOrEqualTo(Math.min(3, wanted));
      if (wanted >= 3) {
        assertThat(region.descriptor().peers())
            .hasSize(3)
            .allSatisfy(peer -> assertThat(rest.store(peer.store()))
                .get()
                .matches(store -> store.isMeantToServe() && store.isUp()));
      }
    }
  }

  private static Outcome run(SimPlacementCluster cluster, int roundsMax) {
    Map<Long, Integer> moved = new HashMap<>();
    int moves = 0;
    int transfers = 0;
    for (int round = 1; round <= roundsMax; round++) {
      List<Operator> planned =
          Planner.plan(cluster.view(), FAST, Planner.rules(List.of()), Set.of());
      if (planned.isEmpty()) {
        int twice = 0;
        for (int times : moved.values()) {
          twice += times > 3 ? 1 : 0;
        }
        return new Outcome(round, moves, transfers, twice);
      }
      for (Operator operator : planned) {
        cluster.obey(operator);
        boolean adds = operator.idsWanted() > 0;
        moves += adds ? 1 : 0;
        transfers += adds ? 0 : 1;
        moved.merge(operator.id().value(), 1, Integer::sum);
      }
    }
    throw new AssertionError(
        "no rest after " + roundsMax + " rounds: " + moves + " moves, " + transfers + " transfers");
  }

  /** Regions of 10 to 90 MiB, dealt over the first stores only. */
  static SimPlacementCluster cluster(Random random, int stores, int used, int regions) {
    SimPlacementCluster cluster = new SimPlacementCluster();
    for (int i = 1; i <= stores; i++) {
      cluster.store(i, Map.of());
    }
    for (int i = 0; i < regions; i++) {
      List<Peer> peers = new ArrayList<>();
      for (int j = 0; j < Math.min(3, used); j++) {
        peers.add(Peer.voter((i + j) % used + 1, 10L * i + j + 1));
      }
      cluster.region(
          i + 1,
          i == 0 ? Bytes.EMPTY : key(i),
          i == regions - 1 ? Bytes.EMPTY : key(i + 1),
          (10L + random.nextInt(80)) << 20,
          peers,
          true);
    }
    return cluster;
  }

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("%08d", number));
  }

  private static double bytes(ClusterView view) {
    return view.stores().stream().mapToDouble(store -> store.tally().bytes()).sum();
  }

  private static double meanBytes(ClusterView view) {
    return bytes(view) / view.storeCount();
  }

  private static double uneven(ClusterView view, boolean byBytes) {
    double mean =
        view.stores().stream().mapToDouble(store -> load(store, byBytes)).sum() / view.storeCount();
    return view.stores().stream()
            .mapToDouble(store -> Math.abs(load(store, byBytes) - mean))
            .max()
            .orElse(0)
        / mean;
  }

  private static double load(StoreView store, boolean byBytes) {
    return byBytes ? store.tally().bytes() : store.tally().leaders();
  }
}
