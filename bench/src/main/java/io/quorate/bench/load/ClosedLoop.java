package io.quorate.bench.load;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients that each send the next request when the last was answered; owned by one benchmark command. A client is a thread
 * that waits, or, as the peers' clients are, a chain of futures that goes on where its last answer came.
 */
public final class ClosedLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClosedLoop.class);
  private static final long DRAIN_SECONDS = 60;

  /** After a failure a client waits a little, so that a refusing server is not flooded. */
  private static final Executor AFTER_FAILURE =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);

  /** How a client waits for its answer. */
  public enum Mode {
    THREADS,
    ASYNC
  }

  /** One request. */
  @FunctionalInterface
  public interface Request {
    CompletableFuture<?> send(SplittableRandom random);
  }

  private final Request request;
  private final Mode mode;
  private final int clients;
  private final CountDownLatch running;
  private final Recorder recorder = new Recorder(3);
  private final AtomicLong errors = new AtomicLong();
  private final AtomicBoolean failureSaid = new AtomicBoolean();
  private volatile boolean stopped;

  public ClosedLoop(Request request, Mode mode, int clients) {
    this.request = request;
    this.mode = mode;
    this.clients = clients;
    this.running = new CountDownLatch(clients);
  }

  /** Runs all clients: first unmeasured, then measured. Once. */
  public LoadResult run(
      String system, String operation, Duration warmUp, Duration measured, List<Long> serverPids)
      throws InterruptedException {
    start();
    Thread.sleep(warmUp.toMillis());
    recorder.reset();
    errors.set(0);
    ProcessCost before = ProcessCost.of(serverPids);
    long start = System.nanoTime();
    Thread.sleep(measured.toMillis());
    Histogram latency = recorder.getIntervalHistogram();
    double seconds = (System.nanoTime() - start) / 1e9;
    ProcessCost used = ProcessCost.of(serverPids).since(before);
    long failed = errors.get();
    stop();
    return new LoadResult(
        system, operation, clients, latency.getTotalCount(), failed, seconds, latency, used);
  }

  /** Sets all clients going. Once; for callers that look at intervals themselves. */
  public void start() {
    for (int i = 0; i < clients; i++) {
      SplittableRandom random = new SplittableRandom(i);
      if (mode == Mode.THREADS) {
        Thread thread = new Thread(() -> runWaiting(random), "load-" + i);
        thread.setDaemon(true);
        thread.start();
      } else {
        runAsync(random);
      }
    }
  }

  /** What was answered since the last call. */
  public Histogram interval() {
    return recorder.getIntervalHistogram();
  }

  /** Failed since the start. */
  public long errors() {
    return errors.get();
  }

  /** Lets every client end its request. */
  public void stop() throws InterruptedException {
    stopped = true;
    if (!running.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          running.getCount() + " clients unanswered after " + DRAIN_SECONDS + " s");
    }
  }

  private void runWaiting(SplittableRandom random) {
    while (!stopped) {
      long start = System.nanoTime();
      Throwable failure = start(random).handle((answer, failed) -> failed).join();
      finish(start, failure);
      if (failure != null) {
        CompletableFuture.runAsync(() -> {}, AFTER_FAILURE).join();
      }
    }
    running.countDown();
  }

  /** One client's requests up to the first that is not answered at once; that one's answer calls again. */
  private void runAsync(SplittableRandom random) {
    while (!stopped) {
      long start = System.nanoTime();
      CompletableFuture<?> answer = start(random);
      if (!answer.isDone() || answer.isCompletedExceptionally()) {
        var unused = answer.whenComplete((value, failure) -> {
          finish(start, failure);
          if (failure == null) {
            runAsync(random);
          } else {
            AFTER_FAILURE.execute(() -> runAsync(random));
          }
        });
        return;
      }
      finish(start, null);
    }
    running.countDown();
  }

  private CompletableFuture<?> start(SplittableRandom random) {
    try {
      return request.send(random);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void finish(long start, @Nullable Throwable failure) {
    if (failure == null) {
      recorder.recordValue(System.nanoTime() - start);
      return;
    }
    errors.incrementAndGet();
    if (failureSaid.compareAndSet(false, true)) {
      LOG.warn("first failed request: {}", failure.toString());
    }
  }
}
