package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateException;
import io.quorate.client.placement.AdminClient;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.store.StoreNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A replica whose data went bad serves nothing, also after a restart, and is made anew from the others without anybody's help. */
class DamagedReplicaIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String REPAIR = "replica-checker";
  private static final int KEYS = 100;

  @TempDir
  private Path directory;

  private static ConditionFactory await() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(thrown -> thrown instanceof QuorateException
            || thrown instanceof PlacementException
            || thrown instanceof CompletionException);
  }

  @Test
  void damagedReplicaIsRememberedOverARestartAndMadeAnewOnItsStore() throws Exception {
    Limits hasty = Limits.defaults()
        .with(Setting.STALE_REPLICA_AGE, "1s")
        .with(Setting.STORE_LIMIT_ADD_PEER, "6000")
        .with(Setting.STORE_LIMIT_REMOVE_PEER, "6000");
    try (EmbeddedCluster cluster = EmbeddedCluster.builder()
        .stores(3)
        .dataDir(directory)
        .configurePds(config -> config.withSchedules(hasty))
        .start()) {
      for (int i = 0; i < KEYS; i++) {
        cluster.client().blocking().put(Bytes.utf8("key-" + i), Bytes.utf8("value-" + i));
      }
      AdminClient admin = cluster.client().placement().admin();
      Located before = region(cluster);
      Peer bad = before.region().peers().stream()
          .filter(peer -> before.leader().filter(peer::equals).isEmpty())
          .findFirst()
          .orElseThrow();
      int number = number(cluster, bad.store());
      await().until(() -> records(cluster, number) == KEYS);
      admin.pauseScheduler(REPAIR, Duration.ZERO).join();
      tamper(cluster.store(number).orElseThrow().engine().database());
      admin.check(List.of(), 0).join();
      await().until(() -> isDamaged(cluster, number));

      cluster.stopStore(number);
      cluster.startStore(number);
      assertThat(isDamaged(cluster, number)).as("remembered").isTrue();
      assertThat(cluster.store(number).orElseThrow().trouble()).contains("differ");
      cluster.client().blocking().put(Bytes.utf8("key-0"), Bytes.utf8("served by the others"));

      admin.resumeScheduler(REPAIR).join();
      await().untilAsserted(() -> {
        Located now = region(cluster);
        assertThat(now.region().peers())
            .hasSize(3)
            .allSatisfy(peer -> assertThat(peer.role()).isEqualTo(PeerRole.VOTER))
            .noneSatisfy(peer -> assertThat(peer.replica()).isEqualTo(bad.replica()));
        assertThat(now.region().peerOn(bad.store())).isPresent();
        assertThat(now.down()).isEmpty();
        assertThat(now.pending()).isEmpty();
        assertThat(isDamaged(cluster, number)).isFalse();
        assertThat(records(cluster, number)).isEqualTo(KEYS + 1);
      });
    }
  }

  private static Located region(EmbeddedCluster cluster) {
    return cluster.client().placement().lookup(KeyRange.ALL, 0).join().regions().get(0);
  }

  private static int number(EmbeddedCluster cluster, StoreId id) {
    return IntStream.rangeClosed(1, 3)
        .filter(number -> cluster.store(number).orElseThrow().identity().store().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isDamaged(EmbeddedCluster cluster, int number) {
    return cluster.store(number).map(StoreNode::engine).stream()
        .anyMatch(engine -> !engine.damaged().isEmpty());
  }

  private static int records(EmbeddedCluster cluster, int number) {
    RaftDatabase database = cluster.store(number).orElseThrow().engine().database();
    int count = 0;
    try (RocksIterator entry = database.db().newIterator(database.family("data"))) {
      for (entry.seekToFirst(); entry.isValid(); entry.next()) {
        count++;
      }
    }
    return count;
  }

  /** Loses one version of one key, as a disk might. */
  private static void tamper(RaftDatabase database) throws RocksDBException {
    try (RocksIterator entry = database.db().newIterator(database.family("data"))) {
      entry.seekToFirst();
      database.db().delete(database.family("data"), entry.key());
    }
  }
}
