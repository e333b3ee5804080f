package io.quorate.bench.watch;

import io.quorate.bench.load.ProcessCost;
import io.quorate.client.QuorateClient;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** One run: watchers of one prefix, and a writer that puts there as fast as all of them hear of it. Used once, by one thread. */
final class FanOut {
  /** The number of the put and when it was sent, at the head of each value. */
  static final int HEAD_BYTES = 2 * Long.BYTES;

  private static final int KEYS = 1000;
  private static final long LOOK_NANOS = 10_000_000;
  /** What was opened settles. */
  private static final long SETTLE_NANOS = 2_000_000_000L;

  /**
   * What is run.
   *
   * @param watchers that are waited for
   * @param stalled further ones that take nothing
   * @param inFlight puts that not all watchers have heard of, at a time
   */
  record Shape(int watchers, int stalled, int inFlight, int valueBytes, WatchOptions options) {}

  private final QuorateClient writer;
  private final List<QuorateClient> clients;
  private final Shape shape;
  private final List<Long> pids;
  private final Bytes prefix =
      Bytes.utf8("bench-watch/" + Long.toHexString(System.nanoTime()) + "/");
  private final Map<Long, AtomicInteger> unheard = new ConcurrentHashMap<>();
  private final Semaphore room;
  private final Recorder latency = new Recorder(3);
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile boolean over;

  FanOut(QuorateClient writer, List<QuorateClient> clients, Shape shape, List<Long> pids) {
    this.writer = writer;
    this.clients = clients;
    this.shape = shape;
    this.pids = pids;
    this.room = new Semaphore(shape.inFlight());
  }

  FanOutResult run(Duration warmUp, Duration measured) throws InterruptedException {
    ProcessCost bare = ProcessCost.of(pids);
    long ownBare = ownMemory();
    List<Watch> watches = new ArrayList<>();
    try {
      open(watches);
      LockSupport.parkNanos(SETTLE_NANOS);
      ProcessCost idle = ProcessCost.of(pids);
      long ownIdle = ownMemory();
      Thread putting = new Thread(this::put, "bench-writer");
      putting.start();
      park(warmUp);
      Histogram unused = latency.getIntervalHistogram();
      long eventsBefore = events.get();
      ProcessCost before = ProcessCost.of(pids);
      long began = System.nanoTime();
      park(measured);
      long told = events.get() - eventsBefore;
      double seconds = (System.nanoTime() - began) / 1e9;
      ProcessCost cost = ProcessCost.of(pids).since(before);
      Histogram heard = latency.getIntervalHistogram();
      over = true;
      putting.join();
      return new FanOutResult(
          shape.watchers(),
          shape.inFlight(),
          told,
          failed.get(),
          seconds,
          heard,
          cost,
          (idle.residentBytes() - bare.residentBytes()) / shape.watchers(),
          (ownIdle - ownBare) / shape.watchers());
    } finally {
      watches.forEach(Watch::close);
    }
  }

  /** Bytes that live in this process's heap. */
  private static long ownMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void open(List<Watch> watches) {
    KeyRange range = KeyRange.prefix(prefix);
    for (int i = 0; i < shape.watchers(); i++) {
      watches.add(clients.get(i % clients.size()).watch(range, shape.options(), this::heard));
    }
    for (int i = 0; i < shape.stalled(); i++) {
      watches.add(clients
          .get(i % clients.size())
          .watch(range, shape.options(), update -> {}, /* demand= */ 1)
          .watch());
    }
    watches.forEach(watch -> watch.started().join());
  }

  private void heard(WatchUpdate update) {
    long now = System.nanoTime();
    for (WatchEvent event : update.events()) {
      ByteBuffer head = event.kv().value().asReadOnlyBuffer();
      long number = head.getLong();
      latency.recordValue(Math.max(0, now - head.getLong()));
      events.incrementAndGet();
      AtomicInteger left = unheard.get(number);
      if (left != null && left.decrementAndGet() == 0) {
        unheard.remove(number);
        room.release();
      }
    }
  }

  private void put() {
    for (long number = 0; !over; number++) {
      try {
        if (!room.tryAcquire(1, java.util.concurrent.TimeUnit.SECONDS)) {
          number--;
          continue;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      long mine = number;
      unheard.put(mine, new AtomicInteger(shape.watchers()));
      ByteBuffer value = ByteBuffer.allocate(shape.valueBytes());
      value.putLong(mine).putLong(System.nanoTime());
      Bytes key = prefix.concat(Bytes.utf8("key-" + mine % KEYS));
      var unused = writer.put(key, Bytes.wrap(value.array())).whenComplete((done, failure) -> {
        if (failure != null) {
          failed.incrementAndGet();
          if (unheard.remove(mine) != null) {
            room.release();
          }
        }
      });
    }
  }

  private static void park(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (end - System.nanoTime() > 0) {
      LockSupport.parkNanos(Math.min(LOOK_NANOS, Math.max(1, end - System.nanoTime())));
    }
  }
}
