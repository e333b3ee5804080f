package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.GetRequest;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.storage.RegionSum;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Regions on three stores with real logs and databases. */
class RegionHostIT {
  private static final RegionId LOW = new RegionId(10);
  private static final RegionId HIGH = new RegionId(11);
  private static final int HANDOVERS = 40;
  private static final Bytes MIDDLE = Bytes.utf8("m");

  @TempDir
  Path directory;

  private static RegionDescriptor region(RegionId id, KeyRange range) {
    return new RegionDescriptor(
        id,
        range,
        RegionEpoch.FIRST,
        List.of(
            Peer.voter(1, id.value() * 10 + 1),
            Peer.voter(2, id.value() * 10 + 2),
            Peer.voter(3, id.value() * 10 + 3)));
  }

  private RegionCluster cluster() {
    RegionCluster cluster = new RegionCluster(directory);
    cluster.create(region(LOW, KeyRange.of(Bytes.EMPTY, MIDDLE)), 1);
    cluster.create(region(HIGH, KeyRange.of(MIDDLE, Bytes.EMPTY)), 2);
    return cluster;
  }

  private static Request.Builder put(String key, String value) {
    return Request.newBuilder()
        .setPut(PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(key))
            .setValue(ByteString.copyFromUtf8(value)));
  }

  private static Request.Builder get(String key) {
    return Request.newBuilder()
        .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)));
  }

  private static Request.Builder range(KeyRange range) {
    return Request.newBuilder().setRange(RangeRequest.newBuilder().setRange(Wire.range(range)));
  }

  @Test
  void regionsAnswerWritesReadsAndWrongDoors() {
    try (RegionCluster cluster = cluster()) {
      Response first = cluster.send(LOW, put("a", "1"));
      Response second = cluster.send(HIGH, put("x", "2"));

      assertThat(second.getRevision()).isGreaterThan(first.getRevision());
      Response got = cluster.send(LOW, get("a"));
      assertThat(got.getGet().getKv().getValue().toStringUtf8()).isEqualTo("1");
      Response found = cluster.send(HIGH, range(KeyRange.of(MIDDLE, Bytes.EMPTY)));
      assertThat(found.getRange().getKvsList()).hasSize(1);
      assertThat(found.getRevision()).isGreaterThanOrEqualTo(second.getRevision());
      assertThat(cluster.once(LOW, put("x", "2")).getRegionError().hasKeyOutOfRange())
          .isTrue();
      long other = cluster.leaderStore(LOW) % 3 + 1;
      assertThat(cluster.engine(other).region(LOW).orElseThrow().leading()).isFalse();
    }
  }

  @Test
  void aRegionThatOverlapsAnotherIsNotMadeAndOneThatExistsIsKept() {
    try (RegionCluster cluster = cluster()) {
      StoreEngine engine = cluster.engine(1);
      RegionHost low = engine.region(LOW).orElseThrow();

      assertThat(engine.createRegion(low.descriptor(), true)).contains(low);
      assertThatThrownBy(() -> engine.createRegion(
              region(new RegionId(12), KeyRange.of(Bytes.utf8("c"), Bytes.utf8("d"))), false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("overlaps");
    }
  }

  @Test
  void aClusterThatStopsWholeComesBackWithAllItHad() {
    Map<String, Long> revisions = new ConcurrentSkipListMap<>();
    try (RegionCluster cluster = cluster()) {
      for (int i = 0; i < 50; i++) {
        revisions.put("a" + i, cluster.send(LOW, put("a" + i, "v" + i)).getRevision());
      }
    }
    try (RegionCluster cluster = new RegionCluster(directory)) {
      var unused = cluster.oracle.next(1000);
      revisions.forEach((key, revision) -> assertThat(
              cluster.send(LOW, get(key)).getGet().getKv().getModRevision())
          .isEqualTo(revision));
      assertThat(cluster.engine(1).regions()).hasSize(2);
    }
  }

  @Test
  void acknowledgedWritesSurviveTheLossOfTheirLeaderUnderLoad() throws Exception {
    try (RegionCluster cluster = cluster()) {
      Map<String, Long> acknowledged = new ConcurrentSkipListMap<>();
      AtomicBoolean over = new AtomicBoolean();
      ExecutorService writers = Executors.newFixedThreadPool(4);
      List<Future<?>> loops = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        String name = "a" + writer + "-";
        loops.add(writers.submit(() -> {
          for (int i = 0; !over.get(); i++) {
            Response answer = cluster.once(LOW, put(name + i, "v" + i));
            if (!answer.hasRegionError()) {
              acknowledged.put(name + i, answer.getRevision());
            }
          }
        }));
      }
      await(() -> acknowledged.size() > 200);
      long lost = cluster.leaderStore(LOW);
      cluster.stop(lost);
      int before = acknowledged.size();
      await(() -> acknowledged.size() > before + 200);
      cluster.start(lost);
      int again = acknowledged.size();
      await(() -> acknowledged.size() > again + 200);
      over.set(true);
      for (Future<?> loop : loops) {
        loop.get();
      }
      writers.shutdown();

      RegionHost returned = cluster.engine(lost).region(LOW).orElseThrow();
      long target = cluster.leader(LOW).appliedIndex();
      await(() -> returned.appliedIndex() >= target);
      acknowledged.forEach((key, revision) -> assertThat(
              cluster.send(LOW, get(key)).getGet().getKv().getModRevision())
          .isEqualTo(revision));
    }
  }

  @Test
  void handingLeadershipOverLeavesNoWriteOfUnknownFate() throws Exception {
    try (RegionCluster cluster = cluster()) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger done = new AtomicInteger();
      Queue<String> unknown = new ConcurrentLinkedQueue<>();
      ExecutorService writers = Executors.newFixedThreadPool(4);
      List<Future<?>> loops = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        String name = "a" + writer + "-";
        loops.add(writers.submit(() -> {
          for (int i = 0; !over.get(); i++) {
            Response answer = cluster.once(LOW, put(name + i, "v" + i));
            if (answer.getRegionError().hasIndeterminate()) {
              unknown.add(answer.getRegionError().toString());
            } else if (!answer.hasRegionError()) {
              done.incrementAndGet();
            }
          }
        }));
      }
      for (int i = 0; i < HANDOVERS; i++) {
        int before = done.get();
        await(() -> done.get() > before + 20);
        RegionHost leader = cluster.leader(LOW);
        long next = cluster.leaderStore(LOW) % 3 + 1;
        var unused = leader
            .transferLeadership(leader.descriptor().peerOn(new StoreId(next)).orElseThrow())
            .exceptionally(refused -> null);
      }
      over.set(true);
      for (Future<?> loop : loops) {
        loop.get();
      }
      writers.shutdown();
      assertThat(unknown).isEmpty();
    }
  }

  @Test
  void replicaWhoseDataIsNotTheLeadersStopsAndTheOthersServeOn() throws Exception {
    try (RegionCluster cluster = cluster()) {
      for (int i = 0; i < 20; i++) {
        cluster.send(LOW, put("a" + i, "v" + i));
      }
      long leading = cluster.leaderStore(LOW);
      RegionHost leader = cluster.leader(LOW);
      RegionHost damaged = cluster.engine(leading % 3 + 1).region(LOW).orElseThrow();
      RegionHost sound = cluster.engine((leading + 1) % 3 + 1).region(LOW).orElseThrow();
      await(() -> damaged.appliedIndex() == leader.appliedIndex());
      loseOneVersion(cluster.engine(leading % 3 + 1));

      RegionSum.Sum sum = leader.check(0).get(60, TimeUnit.SECONDS);

      await(() -> damaged.failure().isPresent());
      assertThat(damaged.failure().orElseThrow()).contains("not the leader's", "checksum");
      assertThat(damaged.lastCheck().orElseThrow().equal()).isFalse();
      await(() -> sound.lastCheck().filter(check -> check.agrees(sum)).isPresent());
      assertThat(sound.failure()).isEmpty();
      for (int i = 0; i < 20; i++) {
        cluster.send(LOW, put("b" + i, "v" + i));
      }
      assertThat(cluster.leader(LOW).appliedIndex()).isGreaterThan(damaged.appliedIndex());
      assertThat(damaged.leading()).isFalse();
    }
  }

  private static void loseOneVersion(StoreEngine engine) throws RocksDBException {
    var data = engine.database().family("data");
    try (RocksIterator first = engine.database().db().newIterator(data)) {
      first.seekToFirst();
      engine.database().db().delete(data, first.key());
    }
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition);
  }
}
