package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.Snapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How logs are cut, and how replicas come back that were away meanwhile. */
class SnapshotIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);
  private static final long CUT_AFTER = 20_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  @Test
  void memberThatWasAwayTooLongGetsTheWholeState() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, SnapshotIT::cutEarly)) {
      cluster.create(1, EVERYWHERE);
      cluster.add(1, "before", 1);
      cluster.stop(3);
      for (int round = 0; round < 4; round++) {
        addMany(cluster, 600);
        for (long store : List.of(1L, 2L)) {
          awaitCut(cluster.store(store));
        }
      }
      CounterStore back = cluster.restart(3, List.of(1L));
      await().atMost(PATIENCE).until(() -> back.counters(1).value("n") == 2400);
      assertThat(back.counters(1).value("before")).isEqualTo(1);
      assertThat(back.counters(1).loads()).isPositive();
      cluster.add(1, "after", 1);
      await().atMost(PATIENCE).until(() -> back.counters(1).value("after") == 1);

      cluster.stop(3);
      CounterStore again = cluster.restart(3, List.of(1L));
      await().atMost(PATIENCE).until(() -> again.counters(1).value("after") == 1);
      assertThat(again.counters(1).value("n")).isEqualTo(2400);
    }
  }

  @Test
  void replicaThatKeepsItsOwnStateIsWaitedForAndNeverAppliesTwice() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, SnapshotIT::cutEarly)) {
      DurableCounters[] machines = new DurableCounters[4];
      for (long store : EVERYWHERE) {
        cluster.store(store).seed(CounterCluster.seedOf(1, EVERYWHERE));
        machines[(int) store] = startDurable(cluster.store(store));
      }
      addMany(cluster, 400);
      cluster.stop(3);
      addMany(cluster, 400);
      for (int round = 0; round < 3; round++) {
        addMany(cluster, 400);
      }
      CounterStore third = cluster.open(3);
      machines[3] = startDurable(third);
      await().atMost(PATIENCE).until(() -> machines[3].value("n") == 2000);
      for (long store : EVERYWHERE) {
        addMany(cluster, 200);
        awaitCut(cluster.store(store));
      }
      EVERYWHERE.forEach(cluster::stop);
      for (long store : EVERYWHERE) {
        machines[(int) store] = startDurable(cluster.open(store));
      }
      addMany(cluster, 100);
      for (long store : EVERYWHERE) {
        await().atMost(PATIENCE).until(() -> machines[(int) store].value("n") == 2700);
      }
    }
  }

  private static DurableCounters startDurable(CounterStore store) {
    DurableCounters machine = new DurableCounters(store.database(), 1);
    store.start(
        new GroupId(1), CounterCluster.replica(store.id(), 1), machine, Snapshots.selfPersisted());
    return machine;
  }

  private static RaftConfig cutEarly(RaftConfig config) {
    return config.withSnapshotLogBytes(CUT_AFTER, 1 << 20);
  }

  private static void awaitCut(CounterStore store) {
    await()
        .atMost(PATIENCE)
        .until(() -> store.host().logBytes(new GroupId(1)).orElseThrow() < CUT_AFTER);
  }

  /** About 50 bytes of log each. */
  private static void addMany(CounterCluster cluster, int times) {
    cluster.add(1, "warm", 1);
    ReplicatedLog<Long> log = cluster.leader(1).log(1);
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      answers.add(log.propose(Counters.add("n", 1), log.leadership().term()));
    }
    answers.forEach(CompletableFuture::join);
  }
}
