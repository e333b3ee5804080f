package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library used alone: counters over a hundred groups on three stores. */
class CounterIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);
  private static final List<Long> GROUPS =
      LongStream.rangeClosed(1, 100).boxed().toList();

  @TempDir
  Path directory;

  @Test
  void hundredGroupsCountAndEveryReplicaAgrees() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      GROUPS.forEach(group -> cluster.create(group, EVERYWHERE));
      for (long group : GROUPS) {
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        var log = cluster.leader(group).log(group);
        for (int i = 0; i < 20; i++) {
          answers.add(log.propose(Counters.add("n", 1), log.leadership().term()));
        }
        for (int i = 0; i < 20; i++) {
          assertThat(answers.get(i).join()).isEqualTo(i + 1);
        }
        assertThat(cluster.read(group, "n")).isEqualTo(20);
      }
      for (long group : GROUPS) {
        for (long store : EVERYWHERE) {
          await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> cluster.store(store).counters(group).value("n") == 20);
        }
      }
    }
  }

  @Test
  void stoppedStoreIsReplacedAndComesBackWithItsCounters() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      GROUPS.forEach(group -> cluster.create(group, EVERYWHERE));
      GROUPS.forEach(group -> cluster.add(group, "n", 1));
      cluster.stop(1);
      GROUPS.forEach(group -> assertThat(cluster.add(group, "n", 1)).isEqualTo(2));
      cluster.restart(1, GROUPS);
      GROUPS.forEach(group -> assertThat(cluster.add(group, "n", 1)).isEqualTo(3));
      for (long group : GROUPS) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> cluster.store(1).counters(group).value("n") == 3);
      }
    }
  }
}
