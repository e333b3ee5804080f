package io.quorate.client;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whatever of a client waits for a time to pass: when the client is closed, all of it ends. Owned by {@link RegionClient}; any thread.
 */
final class Pauses {
  private final ScheduledExecutorService loop;
  private final Map<Long, CompletableFuture<Void>> open = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile boolean closed;

  /**
   * Nobody waits yet.
   *
   * @param loop completes the futures
   */
  Pauses(ScheduledExecutorService loop) {
    this.loop = loop;
  }

  /** Done after that time; fails with {@link ClientClosedException} once the client is closed. May be cancelled. */
  CompletableFuture<Void> pause(long nanos) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    long number = numbers.incrementAndGet();
    open.put(number, over);
    try {
      Future<?> timer =
          loop.schedule(() -> over.complete(null), Math.max(0, nanos), TimeUnit.NANOSECONDS);
      var unused = over.whenComplete((done, failure) -> {
        timer.cancel(false);
        open.remove(number);
      });
    } catch (RejectedExecutionException loopHasEnded) {
      open.remove(number);
      over.completeExceptionally(RegionClient.closedNow());
    }
    if (closed) {
      over.completeExceptionally(RegionClient.closedNow());
    }
    return over;
  }

  /** Ends all pauses, those under way and those to come. */
  void close() {
    closed = true;
    open.values().forEach(over -> over.completeExceptionally(RegionClient.closedNow()));
  }
}
