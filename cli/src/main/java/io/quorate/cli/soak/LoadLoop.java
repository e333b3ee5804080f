package io.quorate.cli.soak;

import io.quorate.client.ClientConfig;
import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeResult;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that write and read all the time, and remember what they did and saw. Owned by one round; each thread keeps to
 * one region, so that a silent region silences no other, and one more thread reads all regions at one revision.
 */
public final class LoadLoop implements AutoCloseable {
  private static final Duration REQUEST = Duration.ofSeconds(10);
  private static final Duration ATTEMPT = Duration.ofMillis(1500);
  private static final double PUTS = 0.6;

  private final LoadKeys keys;
  private final AtomicLong nextValue;
  private final long pauseNanos;
  private final QuorateClient client;
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<List<Op>> recorded = new ConcurrentLinkedQueue<>();
  private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();
  private final AtomicLong acked = new AtomicLong();
  private final AtomicLong failedReads = new AtomicLong();
  private final AtomicLongArray newestBegunOfAcked;
  private volatile boolean stopped;

  /**
   * Starts the threads.
   *
   * @param nextValue gives values that were never put before
   * @param threadCount threads that write and read, dealt out to the regions in turn
   * @param pause of each thread between two requests
   */
  public LoadLoop(
      String pdAddresses,
      LoadKeys keys,
      AtomicLong nextValue,
      int threadCount,
      Duration pause,
      long seed) {
    this.keys = keys;
    this.nextValue = nextValue;
    this.pauseNanos = pause.toNanos();
    this.newestBegunOfAcked = new AtomicLongArray(keys.regions());
    for (int region = 0; region < keys.regions(); region++) {
      newestBegunOfAcked.set(region, Long.MIN_VALUE);
    }
    this.client = QuorateClient.open(ClientConfig.of(pdAddresses).withTimeouts(REQUEST, ATTEMPT));
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int number = 0; number < threadCount; number++) {
      int region = number % keys.regions();
      SplittableRandom random = seeds.split();
      start("load-" + number, ops -> step(ops, region, random));
    }
    start("load-snapshots", this::snapshot);
  }

  private interface Step {
    void run(List<Op> ops);
  }

  private void start(String name, Step step) {
    Thread thread = new Thread(
        () -> {
          List<Op> ops = new ArrayList<>();
          while (!stopped) {
            try {
              step.run(ops);
            } catch (RuntimeException e) {
              unexpected.add(name + ": " + e);
            }
            if (pauseNanos > 0) {
              LockSupport.parkNanos(pauseNanos);
            }
          }
          recorded.add(ops);
        },
        name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void step(List<Op> ops, int region, SplittableRandom random) {
    int key = keys.key(region, random.nextInt(keys.keysPerRegion()));
    if (random.nextDouble() < PUTS) {
      put(ops, key);
    } else {
      get(ops, key);
    }
  }

  private void put(List<Op> ops, int key) {
    long value = nextValue.getAndIncrement();
    long began = System.nanoTime();
    try {
      long revision = client
          .blocking()
          .put(keys.bytes(key), Bytes.utf8(Long.toString(value)))
          .revision();
      ops.add(Op.put(key, value, revision, began, System.nanoTime()));
      acked.incrementAndGet();
      newestBegunOfAcked.accumulateAndGet(keys.region(key), began, Math::max);
    } catch (OutcomeUnknownException e) {
      ops.add(Op.unknown(key, value, began));
    } catch (QuorateException e) {
      ops.add(Op.refused(key, value, began, System.nanoTime()));
    }
  }

  private void get(List<Op> ops, int key) {
    long began = System.nanoTime();
    try {
      ops.add(client
          .blocking()
          .get(keys.bytes(key))
          .map(kv -> read(key, kv, began, System.nanoTime()))
          .orElseGet(() -> Op.read(key, 0, 0, 0, began, System.nanoTime())));
    } catch (QuorateException e) {
      failedReads.incrementAndGet();
    }
  }

  private void snapshot(List<Op> ops) {
    long began = System.nanoTime();
    try {
      RangeResult range = client.blocking().range(keys.whole());
      ops.addAll(reads(keys, range, began, System.nanoTime()));
    } catch (QuorateException e) {
      failedReads.incrementAndGet();
    }
  }

  static Op read(int key, KeyValue kv, long began, long ended) {
    return Op.read(
        key, Long.parseLong(kv.value().toUtf8()), kv.modRevision(), kv.version(), began, ended);
  }

  /** What a range over all keys shows of each of them. */
  static List<Op> reads(LoadKeys keys, RangeResult range, long began, long ended) {
    Map<Integer, Op> shown = new HashMap<>();
    for (KeyValue kv : range.kvs()) {
      int key = keys.number(kv.key());
      shown.put(key, read(key, kv, began, ended));
    }
    List<Op> reads = new ArrayList<>();
    for (int key = 0; key < keys.count(); key++) {
      Op read = shown.getOrDefault(key, Op.read(key, 0, 0, 0, began, ended));
      reads.add(read.at(range.revision()));
    }
    return reads;
  }

  /** Puts acknowledged so far. */
  public long acked() {
    return acked.get();
  }

  /** Whether every region has acknowledged a put that began after that time. */
  public boolean everyRegionServedSince(long nanos) {
    for (int region = 0; region < keys.regions(); region++) {
      if (newestBegunOfAcked.get(region) < nanos) {
        return false;
      }
    }
    return true;
  }

  /** Reads that failed: nobody is told anything wrong, but nothing either. */
  public long failedReads() {
    return failedReads.get();
  }

  /** Failures of a kind that a client must never see. */
  public List<String> unexpected() {
    return List.copyOf(unexpected);
  }

  /** Ends the threads once their requests have ended, and gives all that they did. */
  public List<Op> stop() {
    stopped = true;
    List<Op> all = new ArrayList<>();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the load ended", e);
    }
    recorded.forEach(all::addAll);
    return all;
  }

  @Override
  public void close() {
    stopped = true;
    client.close();
  }
}
