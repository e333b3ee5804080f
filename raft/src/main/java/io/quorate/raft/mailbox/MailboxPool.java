package io.quorate.raft.mailbox;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that mailboxes share, whose handlers do not wait: those mailboxes may run one after the other on one thread, also
 * of another such pool, where that saves a wake-up ({@link Following}). Owned by whoever made it; any thread.
 *
 * <p>A fork-join pool in FIFO mode, because it hands a task from a worker to itself without a wake-up and wakes the worker
 * that slept last, where an ordinary pool goes round all its threads.
 */
public final class MailboxPool implements Executor {
  private static final Logger log = LoggerFactory.getLogger(MailboxPool.class);

  private final ForkJoinPool pool;

  /**
   * @param name of its threads, followed by a number
   * @param threads 1 or more; started when needed, gone when idle for long
   */
  public MailboxPool(String name, int threads) {
    this.pool = forkJoin(name, threads);
  }

  static ForkJoinPool forkJoin(String name, int threads) {
    ForkJoinPool.ForkJoinWorkerThreadFactory factory = pool -> {
      ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
      thread.setName(name + thread.getPoolIndex());
      return thread;
    };
    return new ForkJoinPool(
        threads, factory, (thread, failure) -> log.error("{} failed", thread, failure), true);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Mailboxes and tasks waiting for a thread. */
  public long waiting() {
    return pool.getQueuedTaskCount() + pool.getQueuedSubmissionCount();
  }

  /** Takes no more tasks and waits for those at hand; answers whether all ended in time. */
  public boolean close(Duration patience) throws InterruptedException {
    pool.shutdown();
    return pool.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
  }
}
