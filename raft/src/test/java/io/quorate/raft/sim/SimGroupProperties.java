package io.quorate.raft.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.LogEntry;
import io.quorate.raft.LogException;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.StateMachine;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The simulated log keeps what a real one promises, whatever goes wrong. */
final class SimGroupProperties {
  private static final List<ReplicaId> REPLICAS =
      List.of(new ReplicaId(1, 1), new ReplicaId(2, 2), new ReplicaId(3, 3));

  /** Keeps what it applied, as if on disk. */
  private static final class Notes implements StateMachine<Long> {
    final List<LogEntry> applied = new ArrayList<>();

    @Override
    public long appliedIndex() {
      return applied.isEmpty() ? 0 : applied.get(applied.size() - 1).index();
    }

    @Override
    public List<Long> apply(List<LogEntry> entries) {
      applied.addAll(entries);
      return entries.stream().map(LogEntry::index).toList();
    }
  }

  private static final class World {
    final SimScheduler scheduler;
    final SimGroup<Long> group;
    final Map<ReplicaId, Notes> notes = new HashMap<>();
    final Map<Bytes, Long> acknowledged = new HashMap<>();
    final Set<Bytes> refused = new HashSet<>();
    final List<CompletableFuture<?>> running = new ArrayList<>();
    final List<String> staleReads = new ArrayList<>();
    int sent;

    World(long seed) {
      scheduler = new SimScheduler(seed);
      group = new SimGroup<>(
          scheduler,
          new GroupSeed(new GroupId(7), 1, 1, Membership.ofVoters(REPLICAS)),
          seed % 2 == 0 ? SimFaults.bad() : SimFaults.none());
      for (ReplicaId replica : REPLICAS) {
        notes.put(replica, new Notes());
        group.start(replica, notes(replica));
      }
      group.elect(REPLICAS.get(0));
    }

    Notes notes(ReplicaId of) {
      return Objects.requireNonNull(notes.get(of));
    }

    void propose(ReplicaId at) {
      group.log(at).ifPresent(log -> {
        Bytes data = Bytes.utf8("entry " + sent++);
        running.add(log.propose(data.toByteArray(), log.leadership().term())
            .whenComplete((index, error) -> {
              if (error == null) {
                acknowledged.put(data, index);
              } else if (((LogException) error).kind() != LogException.Kind.INDETERMINATE) {
                refused.add(data);
              }
            }));
      });
    }

    void disturb() {
      ReplicaId victim = REPLICAS.get(scheduler.random().nextInt(3));
      switch (scheduler.random().nextInt(12)) {
        case 0 -> group.electAny();
        case 1 -> {
          group.stop(victim);
          scheduler.after(50_000_000, () -> group.start(victim, notes(victim)));
        }
        case 2 -> barrier(victim);
        default -> propose(victim);
      }
    }

    /** Whatever was acknowledged before a barrier is applied where it succeeds. */
    private void barrier(ReplicaId at) {
      Set<Bytes> before = Set.copyOf(acknowledged.keySet());
      group
          .log(at)
          .ifPresent(log -> running.add(log.readBarrier().thenAccept(point -> {
            List<Bytes> seen = notes(at).applied.stream().map(LogEntry::data).toList();
            if (!seen.containsAll(before)) {
              staleReads.add(at + " at " + point);
            }
          })));
    }
  }

  @Seeds(300)
  void everyReplicaAppliesTheSameEntriesOnce(long seed) {
    World world = new World(seed);
    for (int i = 0; i < 200; i++) {
      world.disturb();
      world.scheduler.runFor(world.scheduler.pick(0, 5_000_000));
    }
    world.scheduler.runFor(1_000_000_000);
    world.group.electAny();
    world.scheduler.runFor(10_000_000_000L);
    List<LogEntry> committed = world.group.committed();
    assertThat(committed).isNotEmpty();
    for (ReplicaId replica : REPLICAS) {
      assertThat(world.notes(replica).applied).isEqualTo(committed);
    }
    List<Bytes> data = committed.stream().map(LogEntry::data).toList();
    assertThat(data).doesNotHaveDuplicates().doesNotContainAnyElementsOf(world.refused);
    for (LogEntry entry : committed) {
      Long told = world.acknowledged.remove(entry.data());
      assertThat(told == null || told == entry.index()).isTrue();
    }
    assertThat(world.acknowledged).isEmpty();
    assertThat(world.staleReads).isEmpty();
  }

  @Seeds(20)
  void oneSeedIsOneRun(long seed) {
    List<List<LogEntry>> runs = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      World world = new World(seed);
      for (int i = 0; i < 50; i++) {
        world.disturb();
        world.scheduler.runFor(1_000_000);
      }
      runs.add(List.copyOf(world.group.committed()));
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }
}
