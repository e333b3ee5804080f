package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.raft.GroupId;
import io.quorate.raft.LogException;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.MembershipChange.Kind;
import io.quorate.raft.ReplicaId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica moves: learner, voter, leader; the one it replaces goes. */
class MembershipIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  @Test
  void replicaMovesToAnotherStore() {
    try (CounterCluster cluster = new CounterCluster(directory, 4, UnaryOperator.identity())) {
      cluster.create(1, List.of(1L, 2L, 3L));
      for (int i = 1; i <= 50; i++) {
        cluster.add(1, "n", 1);
      }
      ReplicaId newcomer = CounterCluster.replica(4, 1);
      ReplicaId leaving = CounterCluster.replica(1, 1);
      CounterStore fourth = cluster.store(4);
      fourth.start(new GroupId(1), newcomer);

      assertThat(change(cluster, Kind.ADD_LEARNER, newcomer).learners()).containsExactly(newcomer);
      await().atMost(PATIENCE).until(() -> fourth.counters(1).value("n") == 50);
      assertThat(cluster.leader(1).log(1).progress())
          .filteredOn(other -> other.replica().equals(newcomer))
          .hasSize(1)
          .allMatch(other -> other.matched() > 50);
      assertThat(change(cluster, Kind.PROMOTE, newcomer).voters()).hasSize(4).contains(newcomer);
      cluster.leader(1).log(1).transferLeadership(newcomer).join();
      await().atMost(PATIENCE).until(() -> fourth.log(1).leadership().leading());
      assertThat(change(cluster, Kind.REMOVE, leaving).voters()).hasSize(3).doesNotContain(leaving);
      cluster.stop(1);

      assertThat(cluster.add(1, "n", 1)).isEqualTo(51);
      assertThat(cluster.read(1, "n")).isEqualTo(51);
      Membership expected = fourth.log(1).membership();
      for (long store : List.of(2L, 3L, 4L)) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(cluster.store(store).counters(1).memberships())
                .last()
                .isEqualTo(expected));
      }
      // Nobody ever saw it neither learner nor voter: PD would have it destroyed.
      assertThat(cluster.store(2).counters(1).memberships())
          .filteredOn(members ->
              !members.learners().contains(newcomer) && !members.voters().contains(newcomer))
          .isEmpty();
      // The promoted replica's acknowledgement must count: one of the older two may go.
      cluster.stop(2);
      assertThat(cluster.add(1, "n", 1)).isEqualTo(52);
    }
  }

  @Test
  void changesAreRefusedWhereTheyCannotBeMade() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      cluster.create(1, List.of(1L, 2L, 3L));
      CounterStore leader = cluster.leader(1);
      CounterStore other = cluster.store(1 + leader.id() % 3);
      assertThat(refusal(() -> other
              .log(1)
              .change(new MembershipChange(Kind.REMOVE, leader.log(1).self()))
              .join()))
          .contains(LogException.Kind.NOT_LEADER);
      assertThat(
              refusal(() -> other.log(1).transferLeadership(other.log(1).self()).join()))
          .contains(LogException.Kind.NOT_LEADER);
    }
  }

  private static Membership change(CounterCluster cluster, Kind kind, ReplicaId replica) {
    return cluster.leader(1).log(1).change(new MembershipChange(kind, replica)).join();
  }

  private static Optional<LogException.Kind> refusal(Runnable call) {
    try {
      call.run();
      return Optional.empty();
    } catch (CompletionException e) {
      if (e.getCause() instanceof LogException failure) {
        return Optional.of(failure.kind());
      }
      throw e;
    }
  }
}
