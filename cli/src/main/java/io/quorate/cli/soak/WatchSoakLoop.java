package io.quorate.cli.soak;

import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.TxnOp;
import io.quorate.client.watch.WatchLimits;
import io.quorate.client.watch.WatchOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rounds of writers, watchers that come and go, faults and changes of regions; at the end of each round what every watcher was told is compared
 * with history read back. Thread: its caller's, which it blocks; writers have their own.
 */
public final class WatchSoakLoop {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final int CLIENTS = 3;
  /** One client has so little room that who is slow there loses what was sent, and has it sent again. */
  private static final long LITTLE_ROOM_BYTES = 64 << 10;

  private static final Duration CHANGE_PAUSE = Duration.ofMillis(300);
  private static final int CHANGES_MAX = 1_000_000;
  private static final int TXN_KEYS_MAX = 6;

  /**
   * How a round goes.
   *
   * @param writers threads that write
   * @param watchers beside the one of everything
   * @param length of the writing in all
   * @param faults spread over it
   * @param down how long each lasts
   * @param changes kinds of changes of regions, one after another all the time; none if empty
   * @param patience until all watchers were told of everything
   */
  public record Pace(
      int writers,
      int watchers,
      Duration length,
      List<Fault> faults,
      Duration down,
      List<Change> changes,
      Duration patience) {
    public Pace {
      faults = List.copyOf(faults);
      changes = List.copyOf(changes);
    }
  }

  /** What came of a round: counts by name, and what was broken. */
  public record Report(Map<String, Long> counts, List<String> violations) {}

  private final Processes processes;
  private final LoadKeys keys;

  public WatchSoakLoop(Processes processes, LoadKeys keys) {
    this.processes = processes;
    this.keys = keys;
  }

  public Report round(long seed, Pace pace) {
    Random random = new Random(seed);
    AtomicLong resumes = new AtomicLong();
    Map<String, Long> done = new TreeMap<>();
    Written writes = new Written(new AtomicLong(), new AtomicLong(), new AtomicLong());
    List<QuorateClient> clients = new ArrayList<>();
    List<ResumingWatcher> watchers = new ArrayList<>();
    try {
      for (int i = 0; i <= CLIENTS; i++) {
        ClientConfig config = ClientConfig.of(processes.pdAddresses());
        clients.add(QuorateClient.open(i == 0 ? config.withWatch(littleRoom()) : config));
      }
      QuorateClient writer = clients.get(CLIENTS);
      long start = newest(writer, pace.patience()) + 1;
      watch(clients.subList(0, CLIENTS), start, pace, resumes, watchers, random);
      List<String> violations = new ArrayList<>();
      write(writer, seed, pace, writes, done, violations);
      long end = newest(writer, pace.patience());
      if (!settle(watchers, end, pace.patience())) {
        violations.add("WatchGoesOn: not all watchers were told of everything up to " + end
            + " within " + pace.patience() + ": " + behind(watchers, end));
      }
      done.put("resumes", resumes.get());
      writes.into(done);
      return judge(writer, watchers, start, end, violations, done);
    } finally {
      watchers.forEach(ResumingWatcher::close);
      clients.forEach(QuorateClient::close);
    }
  }

  /** Placement drivers may be down or paused for a while yet. */
  private static long newest(QuorateClient client, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return client.snapshot().join().revision();
      } catch (CompletionException e) {
        if (deadline - System.nanoTime() <= 0) {
          throw e;
        }
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    }
  }

  private void watch(
      List<QuorateClient> clients,
      long start,
      Pace pace,
      AtomicLong resumes,
      List<ResumingWatcher> watchers,
      Random random) {
    for (int i = 0; i <= pace.watchers(); i++) {
      Bytes key = keys.bytes(random.nextInt(keys.count()));
      KeyRange range = i % 3 == 0
          ? keys.whole()
          : i % 3 == 1 ? KeyRange.single(key) : KeyRange.prefix(key.slice(0, 1));
      WatchOptions options =
          i % 4 == 3 ? WatchOptions.DEFAULT.withAnyReplica() : WatchOptions.DEFAULT;
      ResumingWatcher watcher = new ResumingWatcher(
          clients,
          range,
          options,
          new WatchedRecord("watcher " + i + " of " + range, start),
          resumes,
          /* lazy= */ i % 5 == 4,
          random.nextLong());
      watchers.add(watcher);
      watcher.open();
    }
  }

  /** What was written, as far as it was acknowledged. */
  private record Written(AtomicLong writes, AtomicLong transactions, AtomicLong unsure) {
    void into(Map<String, Long> counts) {
      counts.put("writes", writes.get());
      counts.put("transactions", transactions.get());
      counts.put("writes_not_acknowledged", unsure.get());
    }
  }

  private static WatchLimits littleRoom() {
    WatchLimits usual = WatchLimits.defaults();
    return new WatchLimits(
        LITTLE_ROOM_BYTES, usual.revisionBytes(), usual.updateEvents(), usual.silence());
  }

  private void write(
      QuorateClient client,
      long seed,
      Pace pace,
      Written writes,
      Map<String, Long> done,
      List<String> violations) {
    long end = System.nanoTime() + pace.length().toNanos();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < pace.writers(); i++) {
      Random own = new Random(seed * 31 + i);
      Thread thread = new Thread(() -> writeUntil(client, own, end, writes), "soak-writer-" + i);
      writers.add(thread);
      thread.start();
    }
    String pds = processes.pdAddresses();
    long pause = pace.length().toNanos() / (pace.faults().size() + 1);
    ChangeLoop.Quota quota = new ChangeLoop.Quota(
        pace.changes().isEmpty() ? 0 : CHANGES_MAX,
        pace.changes(),
        1,
        pace.patience(),
        CHANGE_PAUSE);
    try (FaultHost host = new FaultHost(processes, seed);
        MapLoop map = new MapLoop(pds, pace.patience());
        ChangeLoop changes = new ChangeLoop(pds, quota, map, ChangeDraw.of(keys), seed)) {
      for (Fault fault : pace.faults()) {
        LockSupport.parkNanos(pause);
        List<String> struck = host.strike(fault);
        LockSupport.parkNanos(pace.down().toNanos());
        host.heal(fault, struck);
      }
      join(writers);
      changes.stop();
      done.putAll(changes.counts());
      done.put("faults", (long) pace.faults().size());
      violations.addAll(map.violations());
    }
  }

  private static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private void writeUntil(QuorateClient client, Random random, long end, Written writes) {
    while (end - System.nanoTime() > 0) {
      int number = random.nextInt(keys.count());
      Bytes key = keys.bytes(number);
      Bytes value = Bytes.utf8(Long.toHexString(random.nextLong()));
      try {
        int lot = random.nextInt(20);
        if (lot < 2) {
          client.blocking().delete(key);
        } else if (lot == 2) {
          // Neighbours: of one region, unless it was cut between them.
          transact(client, List.of(number, (number + 1) % keys.count()), value);
          writes.transactions.incrementAndGet();
        } else if (lot == 3) {
          transact(client, anywhere(random), value);
          writes.transactions.incrementAndGet();
        } else {
          client.blocking().put(key, value);
        }
        writes.writes.incrementAndGet();
      } catch (QuorateException e) {
        // Whatever its fate was, history will tell.
        writes.unsure.incrementAndGet();
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    }
  }

  private List<Integer> anywhere(Random random) {
    return random
        .ints(2 + random.nextInt(TXN_KEYS_MAX - 1), 0, keys.count())
        .distinct()
        .boxed()
        .toList();
  }

  private void transact(QuorateClient client, List<Integer> numbers, Bytes value) {
    TxnOp[] puts =
        numbers.stream().map(number -> TxnOp.put(keys.bytes(number), value)).toArray(TxnOp[]::new);
    var unused = client.blocking().txn().then(puts).commit();
  }

  private static boolean settle(List<ResumingWatcher> watchers, long end, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!behind(watchers, end).isEmpty()) {
      if (deadline - System.nanoTime() <= 0) {
        return false;
      }
      watchers.forEach(ResumingWatcher::nudge);
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
    return true;
  }

  private static List<String> behind(List<ResumingWatcher> watchers, long end) {
    return watchers.stream()
        .map(ResumingWatcher::record)
        .filter(record -> record.frontier() < end)
        .map(record -> record.name() + " at " + record.frontier())
        .toList();
  }

  private static Report judge(
      QuorateClient client,
      List<ResumingWatcher> watchers,
      long start,
      long end,
      List<String> violations,
      Map<String, Long> done) {
    WatchHistoryCheck check = new WatchHistoryCheck(client);
    List<WatchedRecord.Told> all = watchers.get(0).record().told();
    try {
      check.againstReads(all, start, end);
    } catch (CompletionException e) {
      violations.add("history could not be read back: " + e.getCause());
    }
    long events = 0;
    for (ResumingWatcher watcher : watchers) {
      check.alike(all, watcher.record(), watcher.range(), start, end);
      violations.addAll(watcher.record().violations());
      events += watcher.record().told().size();
      String failure = watcher.failure();
      if (failure != null) {
        violations.add("WatchGoesOn: " + failure);
      }
    }
    violations.addAll(check.violations());
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("events", events);
    counts.put("events_of_one", (long) all.size());
    counts.putAll(done);
    counts.put("history_reads", check.reads());
    return new Report(counts, violations);
  }
}
