package io.quorate.placement.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.placement.node.PlacementStateMachine;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimGroup;
import io.quorate.raft.sim.SimLog;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.testing.Seeds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Three PDs on a simulated log under elections, crashes, lost proposals, failed barriers, and pauses between the confirmation of
 * leadership and the answer. Askers take whatever answer comes, from whatever leader, however late: what is checked must hold
 * without the stores' own caution.
 */
class OracleSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final int MEMBERS = 3;
  private static final int ASKERS = 4;
  private static final OracleLimits SMALL_WINDOW = new OracleLimits(60, 20, 30);

  /** Every number is given at most once, by whatever leader. */
  private static final class NoNumberTwice {
    private final TreeMap<Long, Long> blocks = new TreeMap<>();

    void given(long first, long last) {
      Map.Entry<Long, Long> before = blocks.floorEntry(last);
      assertThat(before == null || before.getValue() < first)
          .as("[%d, %d] was given after %s", first, last, before)
          .isTrue();
      blocks.put(first, last);
    }
  }

  /** What was answered before an ask began is not above what the ask is answered. */
  private static final class RealTimeOrder {
    private long highest = 1;

    long atStart() {
      return highest;
    }

    void answered(int count, long revision, long startedAbove) {
      if (count == 0) {
        assertThat(revision)
            .as("current() sees all that was given before")
            .isGreaterThanOrEqualTo(startedAbove);
      } else {
        assertThat(revision - count)
            .as("next() lies above all that was given before")
            .isGreaterThanOrEqualTo(startedAbove);
      }
      highest = Math.max(highest, revision);
    }
  }

  /** A PD process: its log may be restarted, its answers may come late. */
  private static final class Member {
    private final ReplicatedLog<Ruling> log;
    private final OracleHost oracle;

    Member(SimScheduler scheduler, SimGroup<Ruling> group, ReplicaId self) {
      PlacementStateMachine machine = new PlacementStateMachine();
      SimLog<Ruling> started = group.start(self, machine);
      log = new PausingLog<>(started, scheduler, 30 * MILLISECOND);
      oracle = new OracleHost(
          log,
          machine::image,
          () -> "",
          scheduler::nanos,
          SMALL_WINDOW,
          new PlacementMetrics(new SimpleMeterRegistry()));
      machine.attach(new PlacementStateMachine.Listener() {
        @Override
        public void onLeading(long term) {
          oracle.onLeading(term);
        }

        @Override
        public void onLeadershipLost(long term) {
          oracle.onLeadershipLost(term);
        }

        @Override
        public void onImage() {}

        @Override
        public void onFailure(String reason) {
          throw new AssertionError(reason);
        }
      });
    }
  }

  private static final class World {
    private final SimScheduler scheduler;
    private final SimGroup<Ruling> group;
    private final Map<Integer, Member> members = new HashMap<>();
    private final NoNumberTwice numbers = new NoNumberTwice();
    private final RealTimeOrder order = new RealTimeOrder();
    private long answers;
    private long asks;
    private boolean calm;

    World(long seed, SimFaults faults) {
      scheduler = new SimScheduler(seed);
      List<ReplicaId> voters =
          List.of(new ReplicaId(1, 1), new ReplicaId(2, 2), new ReplicaId(3, 3));
      group = new SimGroup<>(
          scheduler, new GroupSeed(new GroupId(1), 1, 1, Membership.ofVoters(voters)), faults);
      for (int i = 1; i <= MEMBERS; i++) {
        start(i);
      }
      group.electAny();
      for (int i = 0; i < ASKERS; i++) {
        ask(1 + i % MEMBERS, 1);
      }
      tick();
    }

    private void start(int member) {
      members.put(member, new Member(scheduler, group, new ReplicaId(member, member)));
    }

    private void tick() {
      members.values().forEach(member -> member.oracle.tick());
      scheduler.after(20 * MILLISECOND, this::tick);
    }

    /** One asker: asks a member, tries the next one when refused or not answered in time, and so on for ever. */
    private void ask(int member, long seen) {
      long id = ++asks;
      int count =
          scheduler.random().nextInt(4) == 0 ? 0 : 1 + scheduler.random().nextInt(20);
      long startedAbove = order.atStart();
      boolean[] over = {false};
      OracleSink sink = response -> scheduler.after(scheduler.pick(0, 5 * MILLISECOND), () -> {
        long revision = received(response, id, count, startedAbove);
        if (!over[0]) {
          over[0] = true;
          ask(revision > 0 ? member : other(member), Math.max(seen, revision));
        }
      });
      OracleAsk ask =
          OracleAsk.newBuilder().setAskId(id).setCount(count).setSeen(seen).build();
      scheduler.after(scheduler.pick(0, 5 * MILLISECOND), () -> {
        Member asked = members.get(member);
        if (asked != null) {
          asked.oracle.ask(sink, List.of(ask));
        }
      });
      scheduler.after(100 * MILLISECOND, () -> {
        if (!over[0]) {
          over[0] = true;
          ask(other(member), seen);
        }
      });
    }

    private int other(int member) {
      return 1 + (member + scheduler.random().nextInt(MEMBERS - 1)) % MEMBERS;
    }

    private long received(OracleResponse response, long id, int count, long startedAbove) {
      assertThat(response.getAnswersList()).hasSize(1).allMatch(answer -> answer.getAskId() == id);
      if (response.hasError()) {
        assertThat(response.getError().getMessage()).doesNotContain("below what a store has seen");
        assertThat(response.getError().getCode())
            .isIn(
                PlacementError.Code.NOT_LEADER,
                PlacementError.Code.UNAVAILABLE,
                PlacementError.Code.BUSY);
        return 0;
      }
      long revision = response.getAnswers(0).getRevision();
      if (count > 0) {
        numbers.given(revision - count + 1, revision);
      }
      order.answered(count, revision, startedAbove);
      answers++;
      return revision;
    }

    /** Elects, crashes and restarts members until told to be calm. */
    private void torment() {
      if (calm) {
        return;
      }
      int member = 1 + scheduler.random().nextInt(MEMBERS);
      switch (scheduler.random().nextInt(8)) {
        case 0 -> {
          group.stop(new ReplicaId(member, member));
          members.remove(member);
        }
        case 1, 2, 3 -> start(member);
        default -> {}
      }
      group.electAny();
      scheduler.after(scheduler.pick(MILLISECOND, 200 * MILLISECOND), this::torment);
    }
  }

  @Seeds(60)
  void noRevisionRepeatsOrGoesBackOverFailovers(long seed) {
    World world = new World(seed, SimFaults.bad());
    world.scheduler.after(50 * MILLISECOND, world::torment);
    world.scheduler.runUntil(6_000 * MILLISECOND);
    world.calm = true;
    for (int i = 1; i <= MEMBERS; i++) {
      world.start(i);
    }
    world.group.electAny();
    long before = world.answers;
    assertThat(world.scheduler.runUntil(() -> world.answers > before + 20, 10_000 * MILLISECOND))
        .as("answers resume once a leader stays")
        .isTrue();
    assertThat(world.answers).isGreaterThan(50);
  }

  @Seeds(20)
  void withNothingWrongNumbersAreDense(long seed) {
    World world = new World(seed, SimFaults.none());
    world.scheduler.runUntil(2_000 * MILLISECOND);
    assertThat(world.numbers.blocks).isNotEmpty();
    assertThat(world.numbers.blocks.firstKey()).isEqualTo(2);
  }
}
