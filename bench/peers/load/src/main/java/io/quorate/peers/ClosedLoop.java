package io.quorate.peers;

import io.quorate.peers.LoadOptions.Mode;
import io.quorate.peers.LoadOptions.Operation;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * A fixed number of clients, each of which starts its next operation when the one before is done. A client runs on its
 * own thread, or on whichever thread completes its operations; {@link #run} is called once, by the main thread.
 */
final class ClosedLoop {
  /** What a run brought about between the start and the end of its measured time. */
  record Result(
      Histogram latencies,
      double seconds,
      long errors,
      long misses,
      double serverCpuMillis,
      double serverRssMb,
      double clientCpuMillis) {}

  private static final long DRAIN_SECONDS = 60;
  private static final int END_OF_KEYS = -1;
  private static final Executor AFTER_ERROR =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);

  private final KeyValueClient client;
  private final LoadOptions options;
  private final KeySpace keys;
  private final Recorder recorder = new Recorder(3);
  private final AtomicLong errors = new AtomicLong();
  private final AtomicReference<Throwable> lastError = new AtomicReference<>();
  private final AtomicLong misses = new AtomicLong();
  private final AtomicInteger nextKey = new AtomicInteger();
  private final CountDownLatch gaveUp = new CountDownLatch(1);
  private final CountDownLatch running;
  private volatile boolean stopped;

  ClosedLoop(KeyValueClient client, LoadOptions options, KeySpace keys) {
    this.client = client;
    this.options = options;
    this.keys = keys;
    this.running = new CountDownLatch(options.clients);
  }

  /** Runs warm-up and measured time, or, for a load, until each key is written. */
  Result run() throws InterruptedException {
    boolean loading = options.operation == Operation.LOAD;
    if (!loading) {
      startClients();
      elapse(options.warmupSeconds);
    }
    recorder.reset();
    errors.set(0);
    misses.set(0);
    ProcessUsage server = ProcessUsage.of(options.pids);
    ProcessUsage self = ProcessUsage.ofThisProcess();
    long start = System.nanoTime();
    if (loading) {
      startClients();
      running.await();
    } else {
      elapse(options.seconds);
    }
    Histogram latencies = recorder.getIntervalHistogram();
    double seconds = (System.nanoTime() - start) / 1e9;
    ProcessUsage serverAfter = ProcessUsage.of(options.pids);
    ProcessUsage selfAfter = ProcessUsage.ofThisProcess();
    stop();
    return new Result(
        latencies,
        seconds,
        errors.get(),
        misses.get(),
        serverAfter.cpuMillis() - server.cpuMillis(),
        serverAfter.rssMb(),
        selfAfter.cpuMillis() - self.cpuMillis());
  }

  private void startClients() {
    SplittableRandom seeds = new SplittableRandom(options.seed);
    for (int i = 0; i < options.clients; i++) {
      SplittableRandom random = seeds.split();
      if (options.mode == Mode.THREADS) {
        Thread thread = new Thread(() -> runBlocking(random), "client-" + i);
        thread.setDaemon(true);
        thread.start();
      } else {
        runAsync(random);
      }
    }
  }

  private void stop() throws InterruptedException {
    stopped = true;
    if (!running.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          running.getCount() + " operations unanswered after " + DRAIN_SECONDS + " s");
    }
    failIfGivenUp();
  }

  private void elapse(int seconds) throws InterruptedException {
    if (gaveUp.await(seconds, TimeUnit.SECONDS)) {
      failIfGivenUp();
    }
  }

  private void failIfGivenUp() {
    if (gaveUp.getCount() == 0) {
      throw new IllegalStateException(
          "more than " + options.maxErrors + " errors", lastError.get());
    }
  }

  private void runBlocking(SplittableRandom random) {
    for (int index = pick(random); index != END_OF_KEYS; index = pick(random)) {
      long start = System.nanoTime();
      CompletableFuture<?> operation = start(index);
      Throwable error = operation.handle((result, failure) -> failure).join();
      finish(index, start, operation, error);
      if (error != null) {
        CompletableFuture.runAsync(() -> {}, AFTER_ERROR).join();
      }
    }
    running.countDown();
  }

  /** One client's operations up to the first that is not answered at once; that one's answer calls again. */
  private void runAsync(SplittableRandom random) {
    for (int index = pick(random); index != END_OF_KEYS; index = pick(random)) {
      int picked = index;
      long start = System.nanoTime();
      CompletableFuture<?> operation = start(index);
      if (!operation.isDone() || operation.isCompletedExceptionally()) {
        operation.whenComplete((result, error) -> {
          finish(picked, start, operation, error);
          if (error == null) {
            runAsync(random);
          } else {
            AFTER_ERROR.execute(() -> runAsync(random));
          }
        });
        return;
      }
      finish(index, start, operation, null);
    }
    running.countDown();
  }

  private int pick(SplittableRandom random) {
    if (stopped) {
      return END_OF_KEYS;
    }
    if (options.operation != Operation.LOAD) {
      return random.nextInt(keys.size());
    }
    int next = nextKey.getAndIncrement();
    return next < keys.size() ? next : END_OF_KEYS;
  }

  private CompletableFuture<?> start(int index) {
    try {
      return switch (options.operation) {
        case GET -> client.get(keys.key(index));
        case LOAD, PUT -> client.put(keys.key(index), keys.value(index));
        case WATCH -> client.putAndHear(keys.key(index), keys.value(index));
      };
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void finish(int index, long start, CompletableFuture<?> operation, Throwable error) {
    if (error != null) {
      lastError.set(error);
      if (errors.incrementAndGet() > options.maxErrors) {
        stopped = true;
        gaveUp.countDown();
      }
      return;
    }
    recorder.recordValue(System.nanoTime() - start);
    if (options.operation == Operation.GET
        && !(operation.join() instanceof byte[] value && keys.isValueOf(index, value))) {
      misses.incrementAndGet();
    }
  }
}
