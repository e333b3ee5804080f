package io.quorate.cli.soak;

import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.lease.Lease;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rounds of leases with keys in all regions, kept alive for a while or revoked, under faults; no key may go before its lease may, and
 * all must be gone in time. Thread: its caller's, which it blocks; each lease has one of its own.
 */
public final class LeaseSoakLoop {
  private static final long SECOND = 1_000_000_000L;
  private static final long LOOK_NANOS = 20_000_000;
  private static final int KEYS_MAX = 12;
  /** More than that after their time is late, without a disturbance. */
  private static final long GRACE_NANOS = 2 * SECOND;

  private static final Duration CHANGE_PATIENCE = Duration.ofSeconds(60);
  private static final Duration CHANGE_PAUSE = Duration.ofSeconds(1);

  /**
   * How a round goes.
   *
   * @param leases at a time, each by a thread
   * @param lives of each thread, one after another
   * @param faults one after another, spread over the round
   * @param down how long each lasts
   * @param changes kinds of changes of regions, so many of them over the round
   * @param failover how long a leader may take to be found after a fault or a change
   */
  public record Pace(
      int leases,
      int lives,
      List<Fault> faults,
      Duration down,
      List<Change> changes,
      int wantedChanges,
      Duration failover) {
    public Pace {
      faults = List.copyOf(faults);
      changes = List.copyOf(changes);
    }
  }

  private final Processes processes;
  private final LoadKeys keys;
  private final AtomicLong granted = new AtomicLong();
  private final AtomicLong revoked = new AtomicLong();
  private final AtomicLong keepAlives = new AtomicLong();
  private final AtomicLong expired = new AtomicLong();
  private final AtomicLong latestMillis = new AtomicLong();
  private final AtomicLong undisturbed = new AtomicLong();
  private final AtomicLong latestUndisturbedMillis = new AtomicLong();
  private final AtomicLong big = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();

  public LeaseSoakLoop(Processes processes, LoadKeys keys) {
    this.processes = processes;
    this.keys = keys;
  }

  public WatchSoakLoop.Report round(long seed, Pace pace) {
    List<String> violations = new ArrayList<>();
    Map<String, Long> counts = new LinkedHashMap<>();
    ExecutorService threads = Executors.newFixedThreadPool(pace.leases());
    String pds = processes.pdAddresses();
    int wanted = pace.changes().isEmpty() ? 0 : pace.wantedChanges();
    ChangeLoop.Quota quota =
        new ChangeLoop.Quota(wanted, pace.changes(), 1, CHANGE_PATIENCE, CHANGE_PAUSE);
    Disturbances disturbances = new Disturbances();
    try (QuorateClient client = QuorateClient.connect(pds);
        FaultHost host = new FaultHost(processes, seed);
        MapLoop map = new MapLoop(pds, CHANGE_PATIENCE);
        ChangeLoop changes =
            new ChangeLoop(pds, quota, map, ChangeDraw.of(keys), disturbances, seed)) {
      List<Future<List<String>>> running = new ArrayList<>();
      for (int i = 0; i < pace.leases(); i++) {
        Random own = new Random(seed * 131 + i);
        running.add(threads.submit(() -> {
          List<String> broken = new ArrayList<>();
          for (int life = 0; life < pace.lives(); life++) {
            new Life(client, own, pace, disturbances, broken).run();
          }
          return broken;
        }));
      }
      for (Fault fault : pace.faults()) {
        LockSupport.parkNanos(2 * pace.down().toNanos());
        strike(host, fault, pace, disturbances);
      }
      if (!pace.faults().isEmpty()) {
        Runnable healed = disturbances.begin();
        violations.addAll(
            new BigLease(client, host, keys, CHANGE_PATIENCE, new Random(seed)).run());
        big.incrementAndGet();
        LockSupport.parkNanos(pace.failover().toNanos());
        healed.run();
      }
      for (Future<List<String>> each : running) {
        violations.addAll(outcome(each));
      }
      changes.stop();
      counts.putAll(counts());
      counts.putAll(changes.counts());
      counts.put("faults", (long) pace.faults().size());
    } finally {
      threads.shutdownNow();
    }
    return new WatchSoakLoop.Report(counts, violations);
  }

  private static void strike(FaultHost host, Fault fault, Pace pace, Disturbances disturbances) {
    Runnable healed = disturbances.begin();
    List<String> struck = host.strike(fault);
    LockSupport.parkNanos(pace.down().toNanos());
    host.heal(fault, struck);
    LockSupport.parkNanos(pace.failover().toNanos());
    healed.run();
  }

  private static List<String> outcome(Future<List<String>> of) {
    try {
      return of.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      return List.of("a lease's client failed: " + e.getCause());
    }
  }

  private Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("leases", granted.getAndSet(0));
    counts.put("keep_alives", keepAlives.getAndSet(0));
    counts.put("revoked", revoked.getAndSet(0));
    counts.put("expired", expired.getAndSet(0));
    counts.put("reads", reads.getAndSet(0));
    counts.put("big_leases", big.getAndSet(0));
    counts.put("expired_undisturbed", undisturbed.getAndSet(0));
    counts.put("latest_ms", latestMillis.getAndSet(0));
    counts.put("latest_undisturbed_ms", latestUndisturbedMillis.getAndSet(0));
    return counts;
  }

  /** One lease from its grant until its keys are gone. */
  private final class Life {
    private final QuorateClient client;
    private final Random random;
    private final Pace pace;
    private final Disturbances disturbances;
    private final List<String> broken;
    private final List<Bytes> put = new ArrayList<>();
    private long lease;
    private long ttl;
    /** By when the last answered request was sent; and answered. */
    private long countedOn;

    private long answeredAt;

    Life(
        QuorateClient client,
        Random random,
        Pace pace,
        Disturbances disturbances,
        List<String> broken) {
      this.client = client;
      this.random = random;
      this.pace = pace;
      this.disturbances = disturbances;
      this.broken = broken;
    }

    void run() {
      try {
        grant();
      } catch (QuorateException | CompletionException e) {
        // None was granted for certain: the next one.
        return;
      }
      int rounds = random.nextInt(8);
      for (int i = 0; i < rounds && isCountedOn(); i++) {
        addKey();
        LockSupport.parkNanos(random.nextLong(ttl * SECOND / 3));
        keepAlive();
        lookWhetherEarly();
      }
      if (random.nextInt(4) == 0) {
        revoke();
      } else {
        expire();
      }
    }

    private boolean isCountedOn() {
      return countedOn - System.nanoTime() > 0;
    }

    private void answered(long sent, long seconds) {
      answeredAt = System.nanoTime();
      countedOn = Math.max(countedOn, sent + seconds * SECOND);
    }

    private void grant() {
      long sent = System.nanoTime();
      long wanted = 2L + random.nextInt(5);
      Lease made = (random.nextBoolean()
              ? client.leases().grant(wanted)
              : client.leases().grant(wanted, LeaseIds.among(keys, random)))
          .join();
      lease = made.id();
      ttl = made.ttlSeconds();
      countedOn = sent;
      answered(sent, ttl);
      granted.incrementAndGet();
      for (int i = 1 + random.nextInt(KEYS_MAX); i > 0; i--) {
        addKey();
      }
    }

    private void addKey() {
      Bytes key = keys.bytes(random.nextInt(keys.count()))
          .concat(Bytes.utf8("/" + Long.toHexString(lease) + "/" + put.size()));
      try {
        client.blocking().put(key, Bytes.utf8("v"), PutOptions.DEFAULT.withLease(lease));
        put.add(key);
      } catch (QuorateException e) {
        // Not sure that it is there: it is not looked for.
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    private void keepAlive() {
      long sent = System.nanoTime();
      try {
        long seconds = client.leases().keepAliveOnce(lease).join();
        if (seconds > 0) {
          answered(sent, seconds);
          keepAlives.incrementAndGet();
        } else if (isCountedOn()) {
          violated("is said to be gone " + (countedOn - System.nanoTime()) / 1_000_000
              + " ms before its time");
        }
      } catch (CompletionException e) {
        // It was not answered: what was counted on stands.
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    /** How many of its keys are there; -1 if that could not be read. */
    private long alive() {
      long there = 0;
      for (Bytes key : put) {
        try {
          there += client.blocking().get(key).isPresent() ? 1 : 0;
          reads.incrementAndGet();
        } catch (QuorateException e) {
          return -1;
        }
      }
      return there;
    }

    private void lookWhetherEarly() {
      long there = alive();
      // Looked at the clock after the reads: what was there to be counted on then, was so before.
      if (there >= 0 && there < put.size() && isCountedOn()) {
        violated("has " + there + " of " + put.size() + " keys "
            + (countedOn - System.nanoTime()) / 1_000_000 + " ms before its time");
      }
    }

    private void revoke() {
      // It may take effect though its answer is lost.
      countedOn = System.nanoTime();
      try {
        client.leases().revoke(lease).join();
      } catch (CompletionException e) {
        expire();
        return;
      }
      revoked.incrementAndGet();
      long there = alive();
      if (there > 0) {
        violated("has " + there + " keys after its revocation was acknowledged");
      }
    }

    /**
     * When all its keys must be gone: each disturbance may cost it its home's leader, whose successor gives it all its time again.
     */
    private long latest() {
      int times = disturbances.since(answeredAt);
      long each = ttl * SECOND + pace.down().toNanos() + pace.failover().toNanos();
      return answeredAt + ttl * SECOND + times * each + GRACE_NANOS;
    }

    /** Waits until all its keys are gone, and judges when they went. */
    private void expire() {
      while (true) {
        lookWhetherEarly();
        long asked = System.nanoTime();
        long there = alive();
        if (there == 0) {
          gone(asked);
          return;
        }
        if (there > 0 && asked - latest() > 0) {
          violated("has " + there + " keys " + (asked - answeredAt) / 1_000_000
              + " ms after it was last kept alive, for " + ttl + " s, with "
              + disturbances.since(answeredAt) + " disturbances");
          return;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }

    private void gone(long asked) {
      long late = Math.max(0, asked - (answeredAt + ttl * SECOND)) / 1_000_000;
      latestMillis.accumulateAndGet(late, Math::max);
      expired.incrementAndGet();
      if (disturbances.since(answeredAt) == 0) {
        latestUndisturbedMillis.accumulateAndGet(late, Math::max);
        undisturbed.incrementAndGet();
      }
    }

    private void violated(String what) {
      broken.add("LeaseInTime: lease " + Long.toHexString(lease) + " " + what);
    }
  }
}
