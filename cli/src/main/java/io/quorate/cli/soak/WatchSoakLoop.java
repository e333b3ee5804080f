package io.quorate.cli.soak;

import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.TxnOp;
import io.quorate.client.watch.WatchOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rounds of writers, watchers that come and go, faults and splits; at the end of each round what every watcher was told is compared
 * with history read back. Thread: its caller's, which it blocks; writers have their own.
 */
public final class WatchSoakLoop {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final int CLIENTS = 3;

  /**
   * How a round goes.
   *
   * @param writers threads that write
   * @param watchers beside the one of everything
   * @param length of the writing in all
   * @param faults spread over it
   * @param down how long each lasts
   * @param patience until all watchers were told of everything
   */
  public record Pace(
      int writers,
      int watchers,
      Duration length,
      List<Fault> faults,
      Duration down,
      Duration patience) {
    public Pace {
      faults = List.copyOf(faults);
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
    AtomicLong writes = new AtomicLong();
    AtomicLong splits = new AtomicLong();
    List<QuorateClient> clients = new ArrayList<>();
    List<ResumingWatcher> watchers = new ArrayList<>();
    try {
      for (int i = 0; i <= CLIENTS; i++) {
        clients.add(QuorateClient.connect(processes.pdAddresses()));
      }
      QuorateClient writer = clients.get(CLIENTS);
      long start = writer.snapshot().join().revision() + 1;
      watch(clients.subList(0, CLIENTS), start, pace, resumes, watchers, random);
      write(writer, seed, pace, writes, splits);
      long end = writer.snapshot().join().revision();
      List<String> violations = new ArrayList<>();
      if (!settle(watchers, end, pace.patience())) {
        violations.add("WatchGoesOn: not all watchers were told of everything up to " + end
            + " within " + pace.patience() + ": " + behind(watchers, end));
      }
      return judge(writer, watchers, start, end, violations, resumes, writes, splits);
    } finally {
      watchers.forEach(ResumingWatcher::close);
      clients.forEach(QuorateClient::close);
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

  private void write(
      QuorateClient client, long seed, Pace pace, AtomicLong writes, AtomicLong splits) {
    long end = System.nanoTime() + pace.length().toNanos();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < pace.writers(); i++) {
      Random own = new Random(seed * 31 + i);
      Thread thread = new Thread(() -> writeUntil(client, own, end, writes), "soak-writer-" + i);
      writers.add(thread);
      thread.start();
    }
    Random random = new Random(seed);
    long pause = pace.length().toNanos() / (pace.faults().size() + 1);
    try (FaultHost host = new FaultHost(processes, seed)) {
      for (Fault fault : pace.faults()) {
        LockSupport.parkNanos(pause / 2);
        split(client, random, splits);
        LockSupport.parkNanos(pause / 2);
        List<String> struck = host.strike(fault);
        LockSupport.parkNanos(pace.down().toNanos());
        host.heal(fault, struck);
      }
    }
    for (Thread thread : writers) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private void split(QuorateClient client, Random random, AtomicLong splits) {
    Bytes at = keys.bytes(random.nextInt(keys.count()));
    var unused = client
        .placement()
        .admin()
        .split(List.of(at), /* scatter= */ false)
        .thenAccept(done -> splits.incrementAndGet());
  }

  private void writeUntil(QuorateClient client, Random random, long end, AtomicLong writes) {
    while (end - System.nanoTime() > 0) {
      int number = random.nextInt(keys.count());
      Bytes key = keys.bytes(number);
      Bytes value = Bytes.utf8(Long.toHexString(random.nextLong()));
      try {
        int lot = random.nextInt(10);
        if (lot == 0) {
          client.blocking().delete(key);
        } else if (lot == 1) {
          // Two keys of one region, unless it was cut between them: then it is refused.
          Bytes other = keys.bytes(number % 16 == 15 ? number - 1 : number + 1);
          var unused = client
              .blocking()
              .txn()
              .then(TxnOp.put(key, value), TxnOp.put(other, value))
              .commit();
        } else {
          client.blocking().put(key, value);
        }
        writes.incrementAndGet();
      } catch (QuorateException e) {
        // Whatever its fate was, history will tell.
        LockSupport.parkNanos(LOOK_AGAIN.toNanos());
      }
    }
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
      AtomicLong resumes,
      AtomicLong writes,
      AtomicLong splits) {
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
    counts.put("changes", (long) all.size());
    counts.put("writes", writes.get());
    counts.put("resumes", resumes.get());
    counts.put("splits", splits.get());
    counts.put("history_reads", check.reads());
    return new Report(counts, violations);
  }
}
