package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.raft.GroupId;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;
import io.quorate.raft.ReplicatedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a proposer may conclude, asked of live nodes: the kinds hang on jraft's words. */
class LogRefusalsIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  @Test
  void refusalsAreCertainAndSaySo() {
    try (CounterCluster cluster = new CounterCluster(
        directory, 3, config -> config.withMaxEntryBytes(1 << 10).withPending(1, 1000))) {
      cluster.create(1, EVERYWHERE);
      cluster.create(2, EVERYWHERE);
      CounterStore leader = cluster.leader(1);
      ReplicatedLog<Long> log = leader.log(1);
      long term = log.leadership().term();
      ReplicatedLog<Long> other = cluster.store(1 + leader.id() % 3).log(1);
      await().atMost(PATIENCE).until(() -> other.leadership().leader().isPresent());

      assertThat(kind(other.propose(Counters.add("n", 1), term))).isEqualTo(Kind.NOT_LEADER);
      assertThat(kind(log.propose(Counters.add("n", 1), term + 1))).isEqualTo(Kind.STALE_TERM);
      assertThat(kind(log.propose(Counters.add("n", 1), 0))).isEqualTo(Kind.STALE_TERM);
      assertThat(kind(log.propose(new byte[2 << 10], term))).isEqualTo(Kind.REFUSED);
      assertThat(kind(log.propose(new byte[0], term))).isEqualTo(Kind.REFUSED);
      assertThat(kind(other.readBarrier())).isEqualTo(Kind.NOT_LEADER);

      CompletableFuture<Long> first = log.propose(Counters.add("n", 1), term);
      CompletableFuture<Long> second = log.propose(Counters.add("n", 1), term);
      assertThat(first.join()).isEqualTo(1);
      assertThat(second)
          .satisfiesAnyOf(
              busy -> assertThat(kind(busy)).isEqualTo(Kind.BUSY),
              done -> assertThat(done.join()).isEqualTo(2));

      leader.host().stop(new GroupId(1));
      assertThat(kind(log.propose(Counters.add("n", 1), term))).isEqualTo(Kind.REFUSED);
      assertThat(kind(log.readBarrier())).isEqualTo(Kind.REFUSED);
      assertThat(log.leadership().leading()).isFalse();
    }
  }

  @Test
  void cutOffLeadersProposalIsIndeterminate() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, config -> config)) {
      cluster.create(1, EVERYWHERE);
      CounterStore leader = cluster.leader(1);
      cluster.partition().cutOff(leader.id());
      ReplicatedLog<Long> log = leader.log(1);
      assertThat(kind(log.propose(Counters.add("n", 1), log.leadership().term())))
          .isEqualTo(Kind.INDETERMINATE);
    }
  }

  @Test
  void machineThatThrowsStopsItsGroupAndNoOther() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, config -> config)) {
      cluster.create(1, EVERYWHERE);
      cluster.create(2, EVERYWHERE);
      ReplicatedLog<Long> log = cluster.leader(1).log(1);
      assertThat(kind(log.propose(Counters.add("poison", 1), log.leadership().term())))
          .isEqualTo(Kind.INDETERMINATE);
      await()
          .atMost(PATIENCE)
          .until(() -> cluster.stores().stream()
                  .filter(store -> !store.counters(1).failures().isEmpty())
                  .count()
              >= 2);
      assertThat(kind(log.readBarrier())).isEqualTo(Kind.REFUSED);
      assertThat(cluster.add(2, "n", 1)).isEqualTo(1);
      assertThat(cluster.read(2, "n")).isEqualTo(1);
    }
  }

  private static Kind kind(CompletableFuture<?> answer) {
    try {
      Object done = answer.join();
      throw new AssertionError("succeeded: " + done);
    } catch (CompletionException e) {
      if (e.getCause() instanceof LogException failure) {
        return failure.kind();
      }
      throw e;
    }
  }
}
