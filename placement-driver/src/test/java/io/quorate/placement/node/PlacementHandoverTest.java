package io.quorate.placement.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.raft.GroupId;
import io.quorate.raft.Leadership;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import io.quorate.raft.ReplicatedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A stopping leader asks those first that live, not those that lived a moment ago. */
class PlacementHandoverTest {
  private static final ReplicaId SELF = new ReplicaId(1, 1);
  private static final ReplicaId TWO = new ReplicaId(2, 2);
  private static final ReplicaId THREE = new ReplicaId(3, 3);

  /** A log of three whose members answer at once, or never. */
  private static final class Log implements ReplicatedLog<String> {
    private final Set<ReplicaId> alive;
    private final Map<ReplicaId, Long> matched = new HashMap<>(Map.of(TWO, 10L, THREE, 10L));
    private final List<ReplicaId> asked = new ArrayList<>();
    private ReplicaId leader = SELF;
    private long last = 10;

    Log(Set<ReplicaId> alive) {
      this.alive = alive;
    }

    @Override
    public GroupId group() {
      return new GroupId(1);
    }

    @Override
    public ReplicaId self() {
      return SELF;
    }

    @Override
    public Leadership leadership() {
      return new Leadership(7, Optional.of(leader), leader.equals(SELF));
    }

    @Override
    public Membership membership() {
      return Membership.ofVoters(List.of(SELF, TWO, THREE));
    }

    @Override
    public List<ReplicaProgress> progress() {
      // Nobody has been silent for long enough to tell.
      return List.of(
          new ReplicaProgress(TWO, matched.getOrDefault(TWO, -1L), 20),
          new ReplicaProgress(THREE, matched.getOrDefault(THREE, -1L), 40));
    }

    @Override
    public long appliedIndex() {
      return last;
    }

    @Override
    public CompletableFuture<String> propose(byte[] data, long expectedTerm) {
      last++;
      alive.forEach(member -> matched.put(member, last));
      return alive.isEmpty()
          ? new CompletableFuture<>()
          : CompletableFuture.completedFuture("done");
    }

    @Override
    public CompletableFuture<ReadPoint> readBarrier() {
      throw new AssertionError("nobody reads");
    }

    @Override
    public CompletableFuture<Membership> change(MembershipChange change) {
      throw new AssertionError("nobody moves");
    }

    @Override
    public CompletableFuture<Void> transferLeadership(ReplicaId to) {
      asked.add(to);
      if (alive.contains(to)) {
        leader = to;
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void campaign() {
      throw new AssertionError("nobody campaigns");
    }
  }

  private static boolean run(Log log) {
    return new PlacementHandover(log, new byte[] {1})
        .run(Duration.ofMillis(60), Duration.ofMillis(20));
  }

  @Test
  void memberThatJustDiedIsNotAskedFirst() {
    Log log = new Log(Set.of(THREE));
    assertThat(run(log)).isTrue();
    assertThat(log.asked).containsExactly(THREE);
  }

  @Test
  void withNobodyLeftItEndsInTime() {
    Log log = new Log(Set.of());
    assertThat(run(log)).isFalse();
  }
}
