package io.quorate.client;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that complete futures where the user gave none. Owned by a client. */
final class CallbackPool {
  private CallbackPool() {}

  /** Compensates for callbacks that wait for other futures of the client; its threads are daemons. */
  static ForkJoinPool open(int threads) {
    AtomicInteger number = new AtomicInteger();
    return new ForkJoinPool(
        threads,
        pool -> {
          ForkJoinWorkerThread thread =
              ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName("quorate-client-callback-" + number.incrementAndGet());
          return thread;
        },
        null,
        /* asyncMode= */ true);
  }

  /** Waits for what runs, unless that is who calls. */
  static void close(ForkJoinPool pool, long secondsMax) {
    pool.shutdown();
    boolean insideCallback =
        Thread.currentThread() instanceof ForkJoinWorkerThread worker && worker.getPool() == pool;
    try {
      if (!insideCallback && !pool.awaitTermination(secondsMax, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
