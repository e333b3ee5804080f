package io.quorate.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that each send the next request when the last was answered; owned by one benchmark command. */
public final class ClosedLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClosedLoop.class);
  private static final long LATENCY_NANOS_MAX = Duration.ofSeconds(60).toNanos();

  /** One blocking request. */
  @FunctionalInterface
  public interface Request {
    void send(SplittableRandom random) throws Exception;
  }

  /** What one thread saw in the measured time. */
  private record Seen(Histogram latency, long errors) {}

  private enum Phase {
    WARM_UP,
    MEASURE,
    STOP
  }

  private ClosedLoop() {}

  /** Runs the request in so many threads: first unmeasured, then measured. */
  public static LoadResult run(
      String system,
      String operation,
      int clients,
      Duration warmUp,
      Duration measured,
      List<Long> serverPids,
      Request request)
      throws InterruptedException {
    AtomicReference<Phase> phase = new AtomicReference<>(Phase.WARM_UP);
    List<Seen> seen = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      SplittableRandom random = new SplittableRandom(i);
      Thread thread = new Thread(
          () -> {
            Seen mine = loop(request, random, phase);
            synchronized (seen) {
              seen.add(mine);
            }
          },
          "load-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
    Thread.sleep(warmUp.toMillis());
    ProcessCost before = ProcessCost.of(serverPids);
    long start = System.nanoTime();
    phase.set(Phase.MEASURE);
    Thread.sleep(measured.toMillis());
    phase.set(Phase.STOP);
    double seconds = (System.nanoTime() - start) / 1e9;
    ProcessCost used = ProcessCost.of(serverPids).since(before);
    for (Thread thread : threads) {
      thread.join();
    }
    return sum(system, operation, clients, seconds, used, seen);
  }

  private static LoadResult sum(
      String system,
      String operation,
      int clients,
      double seconds,
      ProcessCost used,
      List<Seen> seen) {
    Histogram all = new Histogram(LATENCY_NANOS_MAX, 3);
    seen.forEach(one -> all.add(one.latency()));
    long errors = seen.stream().mapToLong(Seen::errors).sum();
    return new LoadResult(
        system, operation, clients, all.getTotalCount(), errors, seconds, all, used);
  }

  private static Seen loop(Request request, SplittableRandom random, AtomicReference<Phase> phase) {
    Histogram latency = new Histogram(LATENCY_NANOS_MAX, 3);
    long errors = 0;
    while (phase.get() != Phase.STOP) {
      long start = System.nanoTime();
      boolean done = true;
      try {
        request.send(random);
      } catch (Exception failed) {
        done = false;
        errors++;
        if (errors == 1) {
          LOG.warn(
              "first failed request of {}: {}",
              Thread.currentThread().getName(),
              failed.toString());
        }
      }
      if (done && phase.get() == Phase.MEASURE) {
        latency.recordValue(Math.min(System.nanoTime() - start, LATENCY_NANOS_MAX));
      }
    }
    return new Seen(latency, errors);
  }
}
