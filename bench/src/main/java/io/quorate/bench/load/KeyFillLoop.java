package io.quorate.bench.load;

import io.quorate.client.QuorateClient;
import io.quorate.model.Bytes;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/**
 * Puts every key once, so many at a time. Owned by one command; its thread sends, answers come on the client's.
 *
 * @param series where answers are noted
 * @param inFlight puts without an answer at a time
 */
record KeyFillLoop(
    QuorateClient client, IntFunction<Bytes> key, Bytes value, Series series, int inFlight) {
  private static final int FAILURES_SHOWN = 5;

  /** Puts that many keys; returns how many failed. */
  long run(int keys) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    AtomicLong failures = new AtomicLong();
    long nextTick = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    for (int number = 0; number < keys; number++) {
      while (!free.tryAcquire(Math.max(1, nextTick - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        nextTick = tick(nextTick);
      }
      nextTick = tick(nextTick);
      long began = System.nanoTime();
      var unused = client.put(key.apply(number), value).whenComplete((done, failure) -> {
        if (failure == null) {
          series.done(System.nanoTime() - began);
        } else {
          series.failed();
          if (failures.getAndIncrement() < FAILURES_SHOWN) {
            System.err.println("a put failed: " + failure);
          }
        }
        free.release();
      });
    }
    while (!free.tryAcquire(inFlight, 1, TimeUnit.SECONDS)) {
      nextTick = tick(nextTick);
    }
    series.tick();
    return failures.get();
  }

  private long tick(long due) {
    long next = due;
    while (System.nanoTime() - next >= 0) {
      series.tick();
      next += TimeUnit.SECONDS.toNanos(1);
    }
    return next;
  }
}
