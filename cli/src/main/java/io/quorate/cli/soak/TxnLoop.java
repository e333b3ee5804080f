package io.quorate.cli.soak;

import io.quorate.client.ClientConfig;
import io.quorate.client.DeleteOptions;
import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeResult;
import io.quorate.client.txn.ForeignLock;
import io.quorate.embedded.check.SeenTxn;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.embedded.check.StrictSerializability;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that do transactions over many regions, some of which end in the middle of one; and the judgement of what all of them saw.
 * Owned by one round; threads of its own.
 */
public final class TxnLoop implements AutoCloseable {
  private static final Duration REQUEST = Duration.ofSeconds(10);
  private static final Duration ATTEMPT = Duration.ofMillis(1500);
  /** A client that dies lives at most so long. */
  private static final Duration LIFE = Duration.ofMillis(1500);

  /** Twice their time to live and two seconds, on a busy machine. */
  private static final Duration LOCKS_MAX = Duration.ofSeconds(10);

  private static final int LOCKS_SHOWN = 20;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private final String pds;
  private final TxnKeys keys;
  private final TxnDraw draw;
  private final AtomicLong ids = new AtomicLong();
  private final QuorateClient client;
  private final List<Thread> threads = new ArrayList<>();
  private final List<TxnRecord> records = new ArrayList<>();
  private final Set<String> lists = ConcurrentHashMap.newKeySet();
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
    this.client = open();
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
    start("txn-snapshots", this::snapshot);
  }

  private interface Loop {
    void run(TxnRecord record);
  }

  private QuorateClient open() {
    return QuorateClient.open(ClientConfig.of(pds).withTimeouts(REQUEST, ATTEMPT));
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
    int lot = random.nextInt(10);
    if (lot < 6) {
      run(with, record, "list", draw.lists(random));
    } else if (lot < 9) {
      run(with, record, "transfer", draw.transfer(random));
    } else {
      run(with, record, "duty", draw.duty(random));
    }
  }

  /** One transaction; each time that its body ran is one in the history, all but the last certainly without effect. */
  private void run(QuorateClient with, TxnRecord record, String kind, TxnDraw.Body body) {
    List<List<Step>> runs = new ArrayList<>();
    long[] began = {System.nanoTime()};
    Outcome outcome;
    try {
      with.blocking().transact(tx -> {
        if (!runs.isEmpty()) {
          record.ended(runs.get(runs.size() - 1), Outcome.ABORTED, began[0]);
          record.count("again");
        }
        began[0] = System.nanoTime();
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
    record.count(kind + "_" + outcome.name().toLowerCase(Locale.ROOT));
    if (!runs.isEmpty()) {
      List<Step> steps = runs.get(runs.size() - 1);
      steps.forEach(step -> lists.add(step.key()));
      record.ended(steps, outcome, began[0]);
    }
  }

  /** A client whose owner dies: it is closed at some moment, whatever it is doing. */
  private void life(TxnRecord record, SplittableRandom random) {
    QuorateClient mortal = open();
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

  /** Everything at one revision: as a transaction that reads all lists, and whether the rest adds up. */
  private void snapshot(TxnRecord record) {
    // Those not written yet are read as empty.
    Set<String> known = Set.copyOf(lists);
    long began = System.nanoTime();
    try {
      look(record, known, began, client.blocking().range(keys.whole()));
      record.count("snapshots");
    } catch (QuorateException e) {
      record.count("snapshots_failed");
    }
    LockSupport.parkNanos(LOOK_AGAIN.toNanos());
  }

  private void look(TxnRecord record, Set<String> known, long began, RangeResult range) {
    Map<String, KeyValue> shown = new HashMap<>();
    range.kvs().forEach(kv -> shown.put(kv.key().toUtf8(), kv));
    List<Step> reads = new ArrayList<>();
    for (String list : known) {
      reads.add(new Read(list, TxnDraw.values(Optional.ofNullable(shown.get(list)))));
    }
    record.ended(reads, Outcome.COMMITTED, began);
    long money = 0;
    for (int account = 0; account < keys.accounts(); account++) {
      money += number(shown, keys.account(account));
    }
    if (money != keys.accounts() * TxnDraw.BALANCE) {
      record.violated("MoneyIsKept: " + money + " at revision " + range.revision() + " where "
          + keys.accounts() * TxnDraw.BALANCE + " were put in");
    }
    for (int pair = 0; pair < TxnKeys.PAIRS; pair++) {
      if (number(shown, keys.duty(pair, true)) + number(shown, keys.duty(pair, false)) == 0) {
        record.violated("SomebodyIsOnDuty: nobody of pair " + pair + " at " + range.revision());
      }
    }
  }

  private static long number(Map<String, KeyValue> shown, Bytes key) {
    KeyValue kv = shown.get(key.toUtf8());
    return kv == null ? 0 : Long.parseLong(kv.value().toUtf8());
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
    look(last, new HashSet<>(lists), System.nanoTime(), client.blocking().range(keys.whole()));
    List<SeenTxn> all = new ArrayList<>();
    for (TxnRecord record : records) {
      all.addAll(record.seen());
      violations.addAll(record.violations());
      record.counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
    }
    counts.put(
        "txn_committed",
        all.stream().filter(txn -> txn.outcome() == Outcome.COMMITTED).count());
    StrictSerializability.anomalies(all)
        .forEach(what -> violations.add("TransactionsAreStrictlySerializable: " + what));
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
