package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Wire;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Regions on simulated time, log and oracle, under leader changes, crashes, lost and unknown proposals, late numbers. */
class RegionHostSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1000 * MILLISECOND;

  @RegisterExtension
  static final SimDisks DISKS = new SimDisks();

  @Seeds(60)
  void aHealthyRegionAnswersEverythingOnce(long seed) {
    SimScheduler scheduler = new SimScheduler(seed);
    SimRegion region = new SimRegion(
        scheduler,
        new SimOracle(scheduler, 0, 1_000_000),
        SimFaults.none(),
        DISKS.next(),
        RegionHostConfig.defaults());
    region.group.elect(region.group.seed().membership().voters().get(0));
    scheduler.runFor(SECOND / 10);
    SimClients clients = new SimClients(region, 500_000);

    clients.start(8, 30);
    scheduler.runFor(20 * SECOND);

    new RegionInvariants(region, clients.attempts).check();
    assertThat(clients.attempts.stream().map(one -> one.request.getSequence()).distinct())
        .hasSize(240);
  }

  @Seeds(200)
  void nothingIsLostOrTornOnABadDay(long seed) {
    SimScheduler scheduler = new SimScheduler(seed);
    SimOracle oracle = new SimOracle(scheduler, 0.03, 4_000_000);
    SimRegion region =
        new SimRegion(scheduler, oracle, SimFaults.bad(), DISKS.next(), small(scheduler));
    region.group.electAny();
    SimClients clients = new SimClients(region, 5_000_000);
    Disasters disasters = new Disasters(region, oracle);
    disasters.begin();

    clients.start((int) scheduler.pick(2, 12), 40);
    scheduler.runFor(8 * SECOND);
    disasters.end();
    scheduler.runFor(SECOND);

    putGoesThroughInTheEnd(region, clients);
    allReplicasShowTheSame(region, clients);
    new RegionInvariants(region, clients.attempts).check();
  }

  /** Bounds so small that they are met. */
  private static RegionHostConfig small(SimScheduler scheduler) {
    RegionHostConfig usual = RegionHostConfig.defaults();
    return new RegionHostConfig(
        (int) scheduler.pick(2, 50),
        usual.maxQueuedWriteBytes(),
        (int) scheduler.pick(4, 50),
        (int) scheduler.pick(1, 8),
        usual.maxBatchBytes(),
        (int) scheduler.pick(1, 4),
        (int) scheduler.pick(1, 3),
        (int) scheduler.pick(1, 8),
        usual.maxRequestBytes(),
        usual.maxTxnOperations(),
        usual.maxPageBytes(),
        usual.defaultTimeout(),
        usual.oracleTimeout(),
        usual.fenceAfter());
  }

  private static void putGoesThroughInTheEnd(SimRegion region, SimClients clients) {
    for (int i = 0; i < 60; i++) {
      boolean[] over = {false};
      Attempt put = clients.send(clients.put(), region.leaderStore(), () -> over[0] = true);
      region.scheduler.runUntil(() -> over[0], 4 * SECOND);
      if (put.isDone()) {
        return;
      }
      region.scheduler.runFor(SECOND / 10);
    }
    throw new AssertionError("Liveness: no put went through after everything healed: "
        + clients.attempts.get(clients.attempts.size() - 1));
  }

  private static void allReplicasShowTheSame(SimRegion region, SimClients clients) {
    region.scheduler.runFor(SECOND);
    List<Attempt> shown = new ArrayList<>();
    for (int store : region.runningStores()) {
      Request.Builder all = Request.newBuilder()
          .setRange(RangeRequest.newBuilder()
              .setRange(Wire.range(region.descriptor.range()))
              .setSerializable(true));
      shown.add(clients.send(all, store, () -> {}));
    }
    region.scheduler.runFor(SECOND);
    assertThat(shown).hasSize(region.stores());
    for (Attempt one : shown) {
      assertThat(one.answer().getRange())
          .as("ReplicasAreEqual")
          .isEqualTo(shown.get(0).answer().getRange());
    }
  }

  /** Leader changes, crashes, restarts, fail-overs of the oracle. */
  private static final class Disasters {
    private final SimRegion region;
    private final SimOracle oracle;
    private final SimScheduler scheduler;
    private final long calm;
    private boolean over;

    Disasters(SimRegion region, SimOracle oracle) {
      this.region = region;
      this.oracle = oracle;
      this.scheduler = region.scheduler;
      this.calm = scheduler.pick(SECOND / 50, SECOND / 2);
    }

    void begin() {
      scheduler.after(scheduler.pick(0, calm), this::strike);
    }

    private void strike() {
      if (over) {
        return;
      }
      int lot = (int) scheduler.pick(0, 9);
      List<Integer> running = region.runningStores();
      if (lot < 4) {
        region.group.electAny();
      } else if (lot < 6) {
        oracle.failOver();
      } else if (running.size() == region.stores()) {
        int victim = running.get(scheduler.random().nextInt(running.size()));
        region.crash(victim);
        long down = scheduler.pick(0, SECOND);
        scheduler.after(down, () -> region.start(victim));
        scheduler.after(SECOND / 10, () -> {
          if (region.leaderStore() == 0) {
            region.group.electAny();
          }
        });
      }
      begin();
    }

    void end() {
      over = true;
      scheduler.runFor(2 * SECOND);
      region.group.electAny();
    }
  }
}
