package io.quorate.raft.host;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The meters of one host's groups, all groups in one; owned by the host. Any thread, never waits. */
final class RaftMetrics {
  /** Where the buckets of latencies end: half a millisecond is one fsync of a good disk, five seconds are an election lost. */
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(20),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final Timer propose;
  private final Timer apply;
  private final DistributionSummary applyEntries;

  RaftMetrics(MeterRegistry registry, Map<Long, Group> groups) {
    propose = timer(registry, "quorate.raft.propose", "from a proposal to its result, if applied");
    apply = timer(registry, "quorate.raft.apply", "applying one batch of committed entries");
    applyEntries = DistributionSummary.builder("quorate.raft.apply.entries")
        .description("committed entries applied in one batch")
        .register(registry);
    Gauge.builder("quorate.raft.groups", groups, Map::size)
        .description("replicas that run here")
        .register(registry);
    Gauge.builder("quorate.raft.leading", groups, RaftMetrics::leading)
        .description("replicas that lead")
        .register(registry);
  }

  private static Timer timer(MeterRegistry registry, String name, String what) {
    return Timer.builder(name).description(what).serviceLevelObjectives(BUCKETS).register(registry);
  }

  private static long leading(Map<Long, Group> groups) {
    return groups.values().stream()
        .filter(group -> group.leadership().leadingTerm() > 0)
        .count();
  }

  void proposed(long nanos) {
    propose.record(nanos, TimeUnit.NANOSECONDS);
  }

  void applied(int entries, long nanos) {
    apply.record(nanos, TimeUnit.NANOSECONDS);
    applyEntries.record(entries);
  }
}
