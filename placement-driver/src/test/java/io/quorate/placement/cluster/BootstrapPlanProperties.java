package io.quorate.placement.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.StoreId;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BootstrapPlanProperties {
  @Seeds(200)
  void firstRegionsTileTheKeyspaceOnDistinctStoresWithEvenLeaders(long seed) {
    Random random = new Random(seed);
    TreeSet<Bytes> keys = new TreeSet<>();
    int wanted = random.nextInt(40);
    while (keys.size() < wanted) {
      byte[] key = new byte[1 + random.nextInt(4)];
      random.nextBytes(key);
      keys.add(Bytes.wrap(key));
    }
    List<StoreId> stores = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(7); i++) {
      stores.add(new StoreId(i * 2 + 1));
    }
    long lastId = random.nextInt(100);
    int replicaCount = 1 + random.nextInt(5);
    Bootstrap plan = BootstrapPlan.plan(List.copyOf(keys), stores, replicaCount, lastId);

    assertThat(plan.regions()).hasSize(wanted + 1);
    Bytes at = Bytes.EMPTY;
    Set<Long> ids = new HashSet<>();
    Map<StoreId, Integer> leaders = new HashMap<>();
    Map<StoreId, Integer> replicas = new HashMap<>();
    for (FoundingRegion founding : plan.regions()) {
      RegionDescriptor region = founding.descriptor();
      assertThat(region.range().start()).isEqualTo(at);
      at = region.range().end();
      assertThat(region.epoch()).isEqualTo(RegionEpoch.FIRST);
      assertThat(ids.add(region.id().value())).isTrue();
      assertThat(region.peers()).hasSize(Math.min(replicaCount, stores.size()));
      assertThat(region.peers().stream().map(Peer::store).distinct()).hasSameSizeAs(region.peers());
      for (Peer peer : region.peers()) {
        assertThat(ids.add(peer.replica())).isTrue();
        replicas.merge(peer.store(), 1, Integer::sum);
      }
      assertThat(region.peerOn(founding.preferredLeader())).isPresent();
      leaders.merge(founding.preferredLeader(), 1, Integer::sum);
    }
    assertThat(at).as("the last region has no end").isEqualTo(Bytes.EMPTY);
    assertThat(ids).allMatch(id -> id > lastId && id <= plan.idsAfter());
    even(leaders, stores, 1);
    even(replicas, stores, Math.min(replicaCount, stores.size()));
  }

  private static void even(Map<StoreId, Integer> counts, List<StoreId> stores, int slack) {
    int least =
        stores.stream().mapToInt(store -> counts.getOrDefault(store, 0)).min().orElseThrow();
    int most =
        stores.stream().mapToInt(store -> counts.getOrDefault(store, 0)).max().orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(slack);
  }

  @Test
  void splitKeysOutOfOrderAreRefused() {
    Bytes a = Bytes.utf8("a");
    Bytes b = Bytes.utf8("b");
    assertThatThrownBy(() -> BootstrapPlan.checkSplitKeys(List.of(b, a)))
        .hasMessageContaining("'b' stands before 'a'");
    assertThatThrownBy(() -> BootstrapPlan.checkSplitKeys(List.of(a, a)))
        .hasMessageContaining("differ");
    assertThatThrownBy(() -> BootstrapPlan.checkSplitKeys(List.of(Bytes.EMPTY)))
        .hasMessageContaining("empty");
  }
}
