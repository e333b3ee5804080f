package io.quorate.bench.multiraft;

import io.quorate.bench.load.ProcessCost;
import io.quorate.raft.ReplicatedLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What N groups of three replicas in one JVM cost, measured once.
 *
 * @param groups how many
 * @param startSeconds to seed and start them all
 * @param electSeconds from the last start to a serving leader in each
 * @param threads of the JVM when idle
 * @param residentMegabytes of the JVM when idle
 * @param idleCpuPercent of one core, all three hosts together
 * @param writesPerSecond with the given number in flight over all groups, synced; 0 if not measured
 */
public record GroupCost(
    int groups,
    double startSeconds,
    double electSeconds,
    int threads,
    long residentMegabytes,
    double idleCpuPercent,
    double writesPerSecond) {
  private static final int PAYLOAD_BYTES = 256;
  private static final long POLL_MILLIS = 20;

  /**
   * How to measure.
   *
   * @param election election timeout
   * @param electionPatience how long to wait for all leaders
   * @param idle how long to watch the idle groups
   * @param writing how long to write, after as long unmeasured; zero for not at all
   * @param inFlight proposals outstanding over all groups
   */
  public record Plan(
      Duration election,
      Duration electionPatience,
      Duration idle,
      Duration writing,
      int inFlight) {}

  /** Measures in this JVM; one call per JVM gives clean figures for memory and threads. */
  public static GroupCost measure(int groups, Path folder, Plan plan) throws Exception {
    try (RaftTrio trio = new RaftTrio(folder, plan.election())) {
      long start = System.nanoTime();
      trio.start(groups);
      double startSeconds = secondsSince(start);
      long started = System.nanoTime();
      List<ReplicatedLog<Long>> leaders = awaitLeaders(trio, plan.electionPatience());
      double electSeconds = secondsSince(started);
      // What was allocated by starting is not what idle groups hold.
      System.gc();
      Thread.sleep(plan.idle().toMillis() / 2);
      List<Long> self = List.of(ProcessHandle.current().pid());
      ProcessCost before = ProcessCost.of(self);
      long idleStart = System.nanoTime();
      Thread.sleep(plan.idle().toMillis());
      ProcessCost idle = ProcessCost.of(self).since(before);
      double idlePercent = idle.cpuMillis() / 10.0 / secondsSince(idleStart);
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      double writes = plan.writing().isZero() ? 0 : write(leaders, plan);
      return new GroupCost(
          groups,
          startSeconds,
          electSeconds,
          threads,
          idle.residentBytes() >> 20,
          idlePercent,
          writes);
    }
  }

  private static List<ReplicatedLog<Long>> awaitLeaders(RaftTrio trio, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      List<Optional<ReplicatedLog<Long>>> leaders = trio.leaders();
      if (leaders.stream().allMatch(Optional::isPresent)) {
        return leaders.stream().map(Optional::orElseThrow).toList();
      }
      if (System.nanoTime() > deadline) {
        long missing = leaders.stream().filter(Optional::isEmpty).count();
        throw new IllegalStateException(
            missing + " of " + leaders.size() + " groups have no leader after " + patience);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static double write(List<ReplicatedLog<Long>> leaders, Plan plan)
      throws InterruptedException {
    AtomicLong done = new AtomicLong();
    AtomicLong until = new AtomicLong(Long.MAX_VALUE);
    CountDownLatch writers = new CountDownLatch(plan.inFlight());
    byte[] payload = new byte[PAYLOAD_BYTES];
    for (int i = 0; i < plan.inFlight(); i++) {
      keepWriting(leaders.get(i % leaders.size()), payload, done, until, writers);
    }
    Thread.sleep(plan.writing().toMillis());
    long before = done.get();
    long start = System.nanoTime();
    Thread.sleep(plan.writing().toMillis());
    double rate = (done.get() - before) / secondsSince(start);
    until.set(System.nanoTime());
    if (!writers.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException(writers.getCount() + " proposals were never answered");
    }
    return rate;
  }

  private static void keepWriting(
      ReplicatedLog<Long> log,
      byte[] payload,
      AtomicLong done,
      AtomicLong until,
      CountDownLatch writers) {
    if (System.nanoTime() - until.get() >= 0 && until.get() != Long.MAX_VALUE) {
      writers.countDown();
      return;
    }
    var unused = log.propose(payload, log.leadership().term()).handle((index, failure) -> {
      if (failure == null) {
        done.incrementAndGet();
        keepWriting(log, payload, done, until, writers);
      } else {
        // A lost leader ends this writer: the rate then shows it.
        writers.countDown();
      }
      return index;
    });
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
