package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.raft.LogException;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicatedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a read barrier promises when leaders change under it. */
class ReadBarrierIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);

  @TempDir
  Path directory;

  @Test
  void leaderThatIsCutOffConfirmsNothingWhileAnotherCommits() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      cluster.create(1, EVERYWHERE);
      cluster.add(1, "n", 1);
      CounterStore old = cluster.leader(1);
      ReplicatedLog<Long> oldLog = old.log(1);
      assertThat(oldLog.readBarrier().join().index()).isGreaterThan(1);

      cluster.partition().cutOff(old.id());
      List<CompletableFuture<ReadPoint>> reads = new ArrayList<>();
      await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10)).until(() -> {
        reads.add(oldLog.readBarrier());
        CounterStore now = cluster.leader(1);
        return now != old;
      });
      assertThat(cluster.add(1, "n", 1)).isEqualTo(2);
      for (int i = 0; i < 20; i++) {
        reads.add(oldLog.readBarrier());
      }
      for (CompletableFuture<ReadPoint> read : reads) {
        assertThat(outcome(read)).isEqualTo("NOT_LEADER");
      }

      cluster.partition().heal();
      await().atMost(Duration.ofSeconds(60)).until(() -> old.counters(1).value("n") == 2);
      assertThat(cluster.read(1, "n")).isEqualTo(2);
    }
  }

  @Test
  void readsSeeEveryAcknowledgedWriteAcrossLeaderChanges() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      cluster.create(1, EVERYWHERE);
      for (int round = 1; round <= 10; round++) {
        assertThat(cluster.add(1, "n", 1)).isEqualTo(round);
        assertThat(cluster.read(1, "n")).isEqualTo(round);
        CounterStore leader = cluster.leader(1);
        long next = 1 + leader.id() % 3;
        leader.log(1).transferLeadership(CounterCluster.replica(next, 1)).join();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> cluster.store(next).log(1).leadership().leading());
        assertThat(cluster.read(1, "n")).isEqualTo(round);
      }
    }
  }

  @Test
  void slowStoreDelaysNoBarrier() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      cluster.create(1, EVERYWHERE);
      CounterStore leader = cluster.leader(1);
      cluster.partition().cutOff(1 + leader.id() % 3);
      for (int i = 0; i < 100; i++) {
        assertThat(leader.log(1).readBarrier())
            .succeedsWithin(Duration.ofSeconds(60))
            .extracting(ReadPoint::term)
            .isEqualTo(leader.log(1).leadership().term());
      }
    }
  }

  @Test
  void onlyVoterConfirmsAloneAndSoDoesItAfterARestart() {
    try (CounterCluster cluster = new CounterCluster(directory, 1, UnaryOperator.identity())) {
      cluster.create(1, List.of(1L));
      assertThat(cluster.add(1, "n", 1)).isEqualTo(1);
      assertThat(cluster.read(1, "n")).isEqualTo(1);
      cluster.stop(1);
      cluster.restart(1, List.of(1L));
      assertThat(cluster.read(1, "n")).isEqualTo(1);
    }
  }

  private static String outcome(CompletableFuture<ReadPoint> read) {
    try {
      return read.join().toString();
    } catch (CompletionException e) {
      return e.getCause() instanceof LogException failure ? failure.kind().name() : e.toString();
    }
  }
}
