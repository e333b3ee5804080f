package io.quorate.raft.host;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one host that may wait: for the disk in elections, for the network in installs. Owned by the host. */
final class HostThreads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostThreads.class);
  private static final long IDLE_SECONDS = 10;
  private static final long CLOSE_SECONDS = 10;

  private final ExecutorService elections;
  private final ExecutorService installs;
  private final ExecutorService senders;

  HostThreads(RaftConfig config) {
    this.elections = pool("raft-election-s" + config.storeId() + "-", config.electionThreads());
    this.installs = pool("raft-install-s" + config.storeId() + "-", config.installThreads());
    this.senders =
        pool("raft-snapshot-s" + config.storeId() + "-", config.snapshots().maxSending());
  }

  /** For snapshots being sent, which wait for the disk and the receiver. */
  ExecutorService senders() {
    return senders;
  }

  ExecutorService elections() {
    return elections;
  }

  ExecutorService installs() {
    return installs;
  }

  /** First in first out; its threads start when needed and go when idle. */
  private static ExecutorService pool(String name, int threads) {
    return new ForkJoinPool(
        threads,
        pool -> {
          ForkJoinWorkerThread thread =
              ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName(name + thread.getPoolIndex());
          return thread;
        },
        (thread, failure) -> log.error("{} failed", thread, failure),
        true,
        threads,
        threads,
        1,
        null,
        IDLE_SECONDS,
        TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    elections.shutdownNow();
    installs.shutdownNow();
    senders.shutdownNow();
    try {
      if (!elections.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
          || !installs.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
          || !senders.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("raft threads still run after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
