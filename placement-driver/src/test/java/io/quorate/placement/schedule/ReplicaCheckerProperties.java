package io.quorate.placement.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A round looks at few regions, but misses none that judging them one by one finds something to do for. */
class ReplicaCheckerProperties {
  private static final Limits LIMITS = Limits.defaults()
      .with(Setting.REPLICA_SCHEDULE_LIMIT, "100000")
      .with(Setting.STORE_LIMIT_ADD_PEER, "100000")
      .with(Setting.STORE_LIMIT_REMOVE_PEER, "100000");

  @Seeds(200)
  void roundFindsWhateverThereIsToRepair(long seed) {
    Random random = new Random(seed);
    SimPlacementCluster cluster = new SimPlacementCluster();
    int stores = 3 + random.nextInt(5);
    for (int store = 1; store <= stores; store++) {
      cluster.store(
          store,
          Map.of(),
          random.nextInt(5) == 0 ? StoreDescriptor.State.DRAINING : StoreDescriptor.State.UP,
          random.nextInt(6) == 0 ? StoreDescriptor.State.DOWN : StoreDescriptor.State.UP,
          1_000,
          false);
    }
    int regions = 1 + random.nextInt(30);
    for (int region = 1; region <= regions; region++) {
      region(cluster, random, region, regions, stores);
    }
    ClusterView view = cluster.view();
    ReplicaChecker checker = new ReplicaChecker();
    Limits limits = random.nextInt(4) == 0 ? LIMITS.with(Setting.MAX_REPLICAS, "2") : LIMITS;
    boolean anything = false;
    for (int i = 0; i < view.regionCount(); i++) {
      anything |= checker.judge(view, limits, view.region(i)).isPlanned();
    }
    List<Operator> planned = checker.plan(view, limits);
    assertThat(!planned.isEmpty()).as("%s", planned).isEqualTo(anything);
    for (Operator operator : planned) {
      assertThat(checker.judge(view, limits, operator.region()).isPlanned()).isTrue();
    }
  }

  private static void region(
      SimPlacementCluster cluster, Random random, int region, int regions, int stores) {
    List<Peer> peers = new ArrayList<>();
    int replicas = random.nextInt(5) == 0 ? 1 + random.nextInt(4) : 3;
    int first = random.nextInt(stores);
    for (int i = 0; i < Math.min(replicas, stores); i++) {
      int store = (first + i) % stores + 1;
      // Now and then on a store that nobody knows any more.
      peers.add(new Peer(
          new StoreId(random.nextInt(20) == 0 ? 99 : store),
          10L * region + i,
          i > 0 && random.nextInt(8) == 0 ? PeerRole.LEARNER : PeerRole.VOTER));
    }
    cluster.region(
        region,
        region == 1 ? Bytes.EMPTY : Bytes.utf8(String.format("%04d", region)),
        region == regions ? Bytes.EMPTY : Bytes.utf8(String.format("%04d", region + 1)),
        (1L + random.nextInt(90)) << 20,
        peers,
        random.nextInt(10) != 0);
    if (random.nextInt(6) == 0) {
      cluster.health(region, Map.of(10L * region, 0L), Set.of(), 0);
    }
    if (random.nextInt(6) == 0) {
      cluster.damaged(region, Set.of(10L * region + random.nextInt(3)));
    }
  }
}
