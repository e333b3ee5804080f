package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.PutRequest;
import io.quorate.proto.Request;
import io.quorate.raft.MembershipChange.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksIterator;

/** Replicas that come by snapshot, move and go, on stores with real logs and databases, under writes. */
class ReplicaMoveIT {
  private static final RegionId REGION = new RegionId(10);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private static Peer learner(long store, long replica) {
    return new Peer(new StoreId(store), replica, PeerRole.LEARNER);
  }

  private RegionCluster cluster(long cutAfter, long cutAtMost) {
    RegionCluster cluster =
        new RegionCluster(directory, config -> config.withSnapshotLogBytes(cutAfter, cutAtMost));
    cluster.create(
        new RegionDescriptor(
            REGION,
            KeyRange.ALL,
            RegionEpoch.FIRST,
            List.of(Peer.voter(1, 11), Peer.voter(2, 12), Peer.voter(3, 13))),
        1);
    return cluster;
  }

  private static Request.Builder put(String key, String value) {
    return Request.newBuilder()
        .setPut(PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value)));
  }

  @Test
  void replicaMovesWhileTheRegionIsWrittenTo() throws Exception {
    try (RegionCluster cluster = cluster(64 << 20, 128 << 20)) {
      for (int i = 0; i < 300; i++) {
        cluster.send(REGION, put("before/" + i, "v".repeat(500)));
      }
      cluster.start(4);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger written = new AtomicInteger();
      ExecutorService writer = Executors.newSingleThreadExecutor();
      Future<?> writes = writer.submit(() -> {
        while (!stop.get()) {
          cluster.send(REGION, put("during/" + written.get(), "w"));
          written.incrementAndGet();
        }
      });

      change(cluster, Kind.ADD_LEARNER, learner(4, 14));
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.leader(REGION).health().pending().isEmpty());
      change(cluster, Kind.PROMOTE, learner(4, 14));
      await().atMost(PATIENCE).until(() -> {
        var unused = cluster
            .leader(REGION)
            .transferLeadership(Peer.voter(4, 14))
            .exceptionally(busy -> null);
        return cluster.leaderStore(REGION) == 4;
      });
      change(cluster, Kind.REMOVE, Peer.voter(1, 11));
      awaitGone(cluster, 1, 11);
      stop.set(true);
      writes.get();
      writer.shutdown();

      assertThat(written.get()).isPositive();
      assertThat(cluster.engine(1).tombstones()).containsExactly(REGION);
      assertThat(data(cluster, 1)).isEmpty();
      RegionDescriptor after = cluster.leader(REGION).descriptor();
      assertThat(after.epoch()).isEqualTo(new RegionEpoch(1, 4));
      assertThat(after.peers())
          .containsExactlyInAnyOrder(Peer.voter(2, 12), Peer.voter(3, 13), Peer.voter(4, 14));
      for (long store : List.of(2L, 3L)) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(data(cluster, store)).isEqualTo(data(cluster, 4)));
        assertThat(cluster.engine(store).region(REGION).orElseThrow().descriptor())
            .isEqualTo(after);
      }
      assertThat(data(cluster, 4)).hasSize(300 + written.get());

      theRemovedOneNeverComesBackButALaterOneDoes(cluster);
    }
  }

  private static void theRemovedOneNeverComesBackButALaterOneDoes(RegionCluster cluster)
      throws Exception {
    change(cluster, Kind.ADD_LEARNER, learner(1, 11));
    await()
        .during(Duration.ofMillis(1500))
        .atMost(PATIENCE)
        .until(() -> cluster.engine(1).region(REGION).isEmpty()
            && cluster.leader(REGION).health().pending().contains(11L));
    change(cluster, Kind.REMOVE, learner(1, 11));
    change(cluster, Kind.ADD_LEARNER, learner(1, 21));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(data(cluster, 1)).isEqualTo(data(cluster, 4)));
    // Its order to be destroyed is for the one before, and comes late.
    assertThat(cluster.engine(1).destroy(REGION, 11, 99)).isFalse();
    assertThat(cluster.engine(1).region(REGION)).isPresent();
    cluster.stop(1);
    cluster.start(1);
    assertThat(cluster.engine(1).region(REGION)).isPresent();
  }

  /** soak-watch, seed 2101: a leader that could not go on kept its log, which went on leading: the region was nobody's. */
  @Test
  void whereALeaderCannotGoOnAnotherLeads() {
    try (RegionCluster cluster = cluster(64 << 20, 128 << 20)) {
      cluster.send(REGION, put("first", "1"));
      RegionHost broken = cluster.leader(REGION);
      broken.fail("a test says so", null);
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.leader(REGION).selfReplica() != broken.selfReplica());
      cluster.send(REGION, put("second", "2"));
    }
  }

  @Test
  void followerThatLacksWhatWasCutComesBackBySnapshot() {
    try (RegionCluster cluster = cluster(20_000, 60_000)) {
      cluster.send(REGION, put("first", "1"));
      cluster.stop(3);
      for (int i = 0; i < 400; i++) {
        cluster.send(REGION, put("k" + i % 100, "v".repeat(1000) + i));
        if (i % 100 == 99) {
          awaitCut(cluster);
        }
      }
      cluster.start(3);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(data(cluster, 3)).isEqualTo(data(cluster, 1)));
      cluster.send(REGION, put("after", "2"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(data(cluster, 3)).isEqualTo(data(cluster, 1)));
      cluster.stop(3);
      cluster.send(REGION, put("later", "3"));
      cluster.start(3);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(data(cluster, 3)).isEqualTo(data(cluster, 1)));
    }
  }

  private static void awaitCut(RegionCluster cluster) {
    for (long store : List.of(1L, 2L)) {
      await()
          .atMost(PATIENCE)
          .until(() -> cluster
                  .engine(store)
                  .raft()
                  .logBytes(new io.quorate.raft.GroupId(REGION.value()))
                  .orElseThrow()
              < 60_000);
    }
  }

  private static void change(RegionCluster cluster, Kind kind, Peer peer) throws Exception {
    await().atMost(PATIENCE).ignoreExceptions().until(() -> {
      RegionHost leader = cluster.leader(REGION);
      leader.change(leader.descriptor().epoch(), kind, peer).join();
      return true;
    });
  }

  /** By itself if it hears of its removal in time, else as PD would have it. */
  private static void awaitGone(RegionCluster cluster, long store, long replica) {
    await().atMost(PATIENCE).until(() -> {
      long membership = cluster.leader(REGION).descriptor().epoch().membership();
      return cluster.engine(store).destroy(REGION, replica, membership)
          && cluster.engine(store).region(REGION).isEmpty();
    });
  }

  /** All versions that a store holds. */
  private static Map<Bytes, Bytes> data(RegionCluster cluster, long store) {
    Map<Bytes, Bytes> all = new TreeMap<>();
    var database = cluster.engine(store).database();
    try (RocksIterator entry = database.db().newIterator(database.family("data"))) {
      for (entry.seekToFirst(); entry.isValid(); entry.next()) {
        all.put(Bytes.wrap(entry.key()), Bytes.wrap(entry.value()));
      }
    }
    return all;
  }
}
