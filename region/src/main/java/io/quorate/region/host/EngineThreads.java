package io.quorate.region.host;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.raft.mailbox.MailboxPool;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that the regions of one store share; their number does not depend on that of the regions. Owned by the engine. */
final class EngineThreads {
  private static final long CLOSE_WAIT_SECONDS = 10;
  private static final long IDLE_SECONDS = 10;

  private final MailboxPool regions;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor merges;
  private final ThreadPoolExecutor watches;
  private final ScheduledExecutorService ticks;
  private final long tickNanos;

  EngineThreads(StoreEngineConfig config, MeterRegistry metrics) {
    // Each mailbox is in this queue at most once: it is bounded by the number of regions.
    this.regions = new MailboxPool("region-", config.regionThreads());
    this.readers = new ThreadPoolExecutor(
        config.readerThreads(),
        config.readerThreads(),
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(config.maxQueuedReads()),
        named("region-reader"));
    // What it is given bounds itself.
    this.merges = new ThreadPoolExecutor(
        1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("region-merge"));
    merges.allowCoreThreadTimeOut(true);
    // Each connection is in this queue at most once.
    this.watches = new ThreadPoolExecutor(
        config.watch().threads(),
        config.watch().threads(),
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        named("region-watch"));
    this.ticks = Executors.newSingleThreadScheduledExecutor(named("region-tick"));
    this.tickNanos = config.tick().toNanos();
    Gauge.builder(
            "quorate.region.reads.queued", readers, pool -> pool.getQueue().size())
        .description("Large reads waiting for a reader thread")
        .register(metrics);
    Gauge.builder("quorate.region.mailboxes.queued", regions, MailboxPool::waiting)
        .description("Regions with work waiting for a thread")
        .register(metrics);
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  Executor regions() {
    return regions;
  }

  Executor readers() {
    return readers;
  }

  Executor merges() {
    return merges;
  }

  /** Read and encode for watchers. */
  Executor watches() {
    return watches;
  }

  void everyTick(Runnable task) {
    var unused = ticks.scheduleWithFixedDelay(task, tickNanos, tickNanos, TimeUnit.NANOSECONDS);
  }

  void stopTicks() {
    stop(ticks);
    stop(merges);
  }

  void close() {
    stop(watches);
    stop(readers);
    try {
      ended(regions.close(Duration.ofSeconds(CLOSE_WAIT_SECONDS)), regions);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void ended(boolean inTime, Executor pool) {
    if (!inTime) {
      throw new IllegalStateException("threads of the regions did not end: " + pool);
    }
  }

  private static void stop(ExecutorService pool) {
    pool.shutdown();
    try {
      ended(pool.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS), pool);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
