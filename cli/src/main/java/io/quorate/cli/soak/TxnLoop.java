package io.quorate.cli.soak;

import io.quorate.client.ClientConfig;
import io.quorate.client.DeleteOptions;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.txn.CommitStep;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.embedded.check.SeenTxn;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.embedded.check.StrictSerializability;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that do transactions over many regions, some of which end or stand still in the middle of one; and the judgement of what all
 * of them saw. Owned by one round; threads of its own.
 */
public final class TxnLoop implements AutoCloseable {
  private static final Duration REQUEST = Duration.ofSeconds(10);
  private static final Duration ATTEMPT = Duration.ofMillis(1500);
  /** A client that dies lives at most so long. */
  private static final Duration LIFE = Duration.ofSeconds(8);

  /** Of locks of clients that may die: shorter than a store's pause, and than their own. */
  private static final Duration SHORT_TTL = Duration.ofSeconds(1);

  private static final Duration STANDSTILL = Duration.ofMillis(1800);
  private static final double DIES = 0.02;
  private static final double STANDS_STILL = 0.002;

  /** The time that locks of a dead client may stand: their time to live and two seconds. */
  private static final Duration LOCKS_MAX = Duration.ofSeconds(5);

  private static final int LOCKS_SHOWN = 20;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final Duration SNAPSHOT_PAUSE = Duration.ofMillis(500);

  /** Transactions of one round: what was seen is held in memory until it is judged. */
  private static final int ROUND_MAX = 100_000;

  private final String pds;
  private final TxnKeys keys;
  private final TxnDraw draw;
  private final AtomicLong ids = new AtomicLong();
  private final QuorateClient client;
  private final TxnSnapshots snapshots;
  private final List<Thread> threads = new ArrayList<>();
  private final List<TxnRecord> records = new ArrayList<>();
  private final Map<String, Long> ends = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  /**
   * Starts the threads.
   *
   * @param threadCount threads whose client lives as long as the round
   * @param mortals threads whose clients end again and again, at any moment
   * @param nextValue gives values that were never appended before
   */
  TxnLoop(String pds, TxnKeys keys, int threadCount, int mortals, AtomicLong nextValue, long seed) {
    this.pds = pds;
    this.keys = keys;
    this.draw = new TxnDraw(keys, seed & Long.MAX_VALUE, nextValue);
    this.client = QuorateClient.open(config());
    this.snapshots = new TxnSnapshots(client, keys, draw);
    try {
      begin();
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int number = 0; number < threadCount; number++) {
      SplittableRandom random = seeds.split();
      start("txn-" + number, record -> step(client, record, random));
    }
    for (int number = 0; number < mortals; number++) {
      SplittableRandom random = seeds.split();
      start("txn-mortal-" + number, record -> life(record, random));
    }
    start("txn-snapshots", record -> {
      snapshots.look(record);
      LockSupport.parkNanos(SNAPSHOT_PAUSE.toNanos());
    });
  }

  private interface Loop {
    void run(TxnRecord record);
  }

  private ClientConfig config() {
    return ClientConfig.of(pds).withTimeouts(REQUEST, ATTEMPT);
  }

  /** Old lists go; what is kept from round to round is put there once. */
  private void begin() {
    for (KeyRange range : keys.lists()) {
      client.blocking().deleteRange(range, DeleteOptions.DEFAULT);
    }
    client.blocking().transact(tx -> {
      draw.beginWith(tx);
      return true;
    });
  }

  private void start(String name, Loop loop) {
    TxnRecord record = new TxnRecord(ids);
    records.add(record);
    Thread thread = new Thread(
        () -> {
          while (!stopped) {
            if (ids.get() >= ROUND_MAX) {
              LockSupport.parkNanos(LOOK_AGAIN.toNanos());
              continue;
            }
            try {
              loop.run(record);
            } catch (TxnDraw.WrongState e) {
              record.violated("TransactionsSeeWholeStates: " + e.getMessage());
            } catch (RuntimeException e) {
              record.violated("NothingUnexpected: " + name + ": " + e);
            }
          }
        },
        name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void step(QuorateClient with, TxnRecord record, SplittableRandom random) {
    int lot = random.nextInt(20);
    if (lot < 9) {
      run(with, record, "list", draw.lists(random));
    } else if (lot < 11) {
      run(with, record, "range", draw.ranges(random));
    } else if (lot < 13) {
      swap(with, record, draw.swap(random));
    } else if (lot < 18) {
      run(with, record, "transfer", draw.transfer(random));
    } else {
      run(with, record, "duty", draw.duty(random));
    }
  }

  /** One transaction; each time that its body ran is one in the history, all but the last certainly without effect. */
  private void run(QuorateClient with, TxnRecord record, String kind, TxnDraw.Body body) {
    List<List<Step>> runs = new ArrayList<>();
    // Not in the body: the state that it reads is older than its first line.
    long began = System.nanoTime();
    Outcome outcome;
    try {
      with.blocking().transact(tx -> {
        if (!runs.isEmpty()) {
          record.ended(runs.get(runs.size() - 1), Outcome.ABORTED, began);
          record.count("again");
        }
        List<Step> steps = new ArrayList<>();
        runs.add(steps);
        body.run(tx, steps);
        return true;
      });
      outcome = Outcome.COMMITTED;
    } catch (OutcomeUnknownException e) {
      outcome = Outcome.UNKNOWN;
    } catch (QuorateException e) {
      outcome = Outcome.ABORTED;
    }
    count(record, kind, outcome);
    if (!runs.isEmpty()) {
      record.ended(runs.get(runs.size() - 1), outcome, began);
    }
  }

  private void swap(QuorateClient with, TxnRecord record, TxnDraw.Swap swap) {
    List<Step> steps = new ArrayList<>();
    long began = System.nanoTime();
    Outcome outcome;
    try {
      swap.run(with.blocking(), steps);
      outcome = Outcome.COMMITTED;
    } catch (OutcomeUnknownException e) {
      outcome = Outcome.UNKNOWN;
    } catch (QuorateException e) {
      outcome = Outcome.ABORTED;
    }
    count(record, "swap", outcome);
    record.ended(steps, outcome, began);
  }

  private static void count(TxnRecord record, String kind, Outcome outcome) {
    String end = outcome.name().toLowerCase(Locale.ROOT);
    record.count(end);
    record.count(kind + "_" + end);
  }

  /**
   * A client whose owner dies: it is closed at some moment, whatever it is doing. Until then its coordinators end before any of their
   * steps, or its process stands still there for longer than its locks live.
   */
  private void life(TxnRecord record, SplittableRandom random) {
    QuorateClient mortal = QuorateClient.open(config()
        .withTransactions(TransactionLimits.defaults().withLockTtl(SHORT_TTL))
        .withCommitSteps(this::goesOn));
    long life = random.nextLong(LIFE.toNanos());
    Thread killer = new Thread(
        () -> {
          LockSupport.parkNanos(life);
          mortal.close();
        },
        "txn-killer");
    killer.setDaemon(true);
    killer.start();
    long end = System.nanoTime() + life;
    while (!stopped && System.nanoTime() - end < 0) {
      step(mortal, record, random);
    }
    record.count("clients_ended");
    try {
      killer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** On a thread of the client's I/O, so that who stands still there does so with all of its client. */
  private boolean goesOn(CommitStep step) {
    String name = step.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    double lot = ThreadLocalRandom.current().nextDouble();
    if (lot < DIES) {
      ends.merge("txn_died_before_" + name, 1L, Long::sum);
      return false;
    }
    if (lot < DIES + STANDS_STILL) {
      ends.merge("txn_stood_still_before_" + name, 1L, Long::sum);
      LockSupport.parkNanos(STANDSTILL.toNanos());
    }
    return true;
  }

  /**
   * Ends the threads once their transactions have ended, waits until no lock stands, looks at everything once more, and judges.
   *
   * @param counts gets what was done, by name
   * @param violations gets what must not be, in words
   */
  void stop(Map<String, Long> counts, List<String> violations) {
    stopped = true;
    try {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the transactions ended", e);
    }
    counts.put("txn_locks_gone_ms_longest", awaitNoLocks(violations).toMillis());
    TxnRecord last = new TxnRecord(ids);
    records.add(last);
    snapshots.last(last);
    List<SeenTxn> all = new ArrayList<>();
    for (TxnRecord record : records) {
      all.addAll(record.seen());
      violations.addAll(record.violations());
      record.counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
    }
    counts.putAll(ends);
    long began = System.nanoTime();
    StrictSerializability.anomalies(all)
        .forEach(what -> violations.add("TransactionsAreStrictlySerializable: " + what));
    counts.put("txn_judged", (long) all.size());
    counts.put("txn_judged_ms", Duration.ofNanos(System.nanoTime() - began).toMillis());
  }

  /** Clients that died have left locks: they must go by themselves, once their time to live is over. */
  private Duration awaitNoLocks(List<String> violations) {
    long began = System.nanoTime();
    List<ForeignLock> locks = List.of();
    while (System.nanoTime() - began < LOCKS_MAX.toNanos()) {
      try {
        locks = client.locks(keys.whole(), LOCKS_SHOWN).join();
        if (locks.isEmpty()) {
          return Duration.ofNanos(System.nanoTime() - began);
        }
      } catch (CompletionException e) {
        violations.add("LocksCanBeListed: " + e.getCause());
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
    violations.add("NoLockStays: after " + LOCKS_MAX + " still " + locks);
    return LOCKS_MAX;
  }

  @Override
  public void close() {
    stopped = true;
    client.close();
  }
}
