package io.quorate.placement.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** Binds all meters of the placement driver; owned by the node. Thread-safe. */
public final class PlacementMetrics {
  private final MeterRegistry registry;
  private final Counter revisions;
  private final Counter oracleAsks;
  private final Counter oracleRefusals;
  private final DistributionSummary oracleBatch;
  private final Timer oracleBarrier;
  private final Counter windowExtensions;
  private final Counter storeBeats;
  private final Counter regionBeats;
  private final Counter regionBeatsRefused;
  private final Counter operatorsPlanned;
  private final Timer planningRound;
  private final AtomicInteger operatorsRunning = new AtomicInteger();

  public PlacementMetrics(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("quorate.pd.operators.running", operatorsRunning, AtomicInteger::get)
        .description("operators under way")
        .register(registry);
    revisions = Counter.builder("quorate.pd.oracle.revisions")
        .description("revisions handed out")
        .register(registry);
    oracleAsks = Counter.builder("quorate.pd.oracle.asks")
        .description("asks answered with a number")
        .register(registry);
    oracleRefusals = Counter.builder("quorate.pd.oracle.refusals")
        .description("asks refused")
        .register(registry);
    oracleBatch = DistributionSummary.builder("quorate.pd.oracle.batch")
        .description("asks that shared one confirmation of leadership")
        .register(registry);
    oracleBarrier = Timer.builder("quorate.pd.oracle.barrier")
        .description("time to confirm leadership")
        .register(registry);
    windowExtensions = Counter.builder("quorate.pd.oracle.extensions")
        .description("revision bounds committed by this member as leader")
        .register(registry);
    storeBeats = Counter.builder("quorate.pd.heartbeats.stores")
        .description("store heartbeats accepted")
        .register(registry);
    regionBeats = Counter.builder("quorate.pd.heartbeats.regions")
        .description("region heartbeats accepted")
        .register(registry);
    regionBeatsRefused = Counter.builder("quorate.pd.heartbeats.refused")
        .description("region heartbeats older than what is known")
        .register(registry);
    operatorsPlanned = Counter.builder("quorate.pd.schedule.planned")
        .description("operators planned")
        .register(registry);
    planningRound = Timer.builder("quorate.pd.schedule.round")
        .description("time of one round of planning")
        .register(registry);
  }

  /** What this member has applied of the cluster's hard state. */
  public void cluster(IntSupplier stores, IntSupplier regions, BooleanSupplier leading) {
    Gauge.builder("quorate.pd.stores", stores::getAsInt)
        .description("stores that ever joined")
        .register(registry);
    Gauge.builder("quorate.pd.regions", regions::getAsInt)
        .description("regions known")
        .register(registry);
    Gauge.builder("quorate.pd.leading", () -> leading.getAsBoolean() ? 1 : 0)
        .description("1 if this member leads and serves")
        .register(registry);
  }

  public void answered(int asks, long numbers) {
    oracleAsks.increment(asks);
    revisions.increment((double) numbers);
  }

  public void refused(int asks) {
    oracleRefusals.increment(asks);
  }

  public void confirmed(int asks, long nanos) {
    oracleBatch.record(asks);
    oracleBarrier.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void windowExtended() {
    windowExtensions.increment();
  }

  public void storeBeat() {
    storeBeats.increment();
  }

  public void operatorsRunning(int count) {
    operatorsRunning.set(count);
  }

  /** Of those, so many more ended like this. */
  public void operatorsEnded(String how, long count) {
    Counter.builder("quorate.pd.operators.ended")
        .description("operators that ended, by how")
        .tag("state", how)
        .register(registry)
        .increment((double) count);
  }

  public void planned(int operators, long nanos) {
    operatorsPlanned.increment(operators);
    planningRound.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void regionBeats(int accepted, int refused) {
    regionBeats.increment(accepted);
    regionBeatsRefused.increment(refused);
  }
}
