package io.quorate.bench.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quorate.bench.BenchTarget;
import io.quorate.bench.load.ProcessCost;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench lease}: many leases granted, kept alive, and let go at once. Main waits. */
@Command(
    name = "lease",
    description = {
      "Grants leases, keeps them alive, and counts keep-alives, losses and the servers' processor time;",
      "with --expire lets all go at once, and puts on beside it: its latency before and meanwhile, and when the last was gone."
    },
    mixinStandardHelpOptions = true)
public final class LeaseLoadCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** The client sends a keep-alive after this part of the time. */
  private static final int KEEP_ALIVES_PER_TTL = 3;

  private static final long LOOK_NANOS = 200_000_000;

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--leases",
      defaultValue = "100000",
      description = "Leases (default ${DEFAULT-VALUE}).")
  int leases;

  @Option(
      names = "--ttl",
      defaultValue = "60",
      description = "Seconds of each (default ${DEFAULT-VALUE}).")
  long ttl;

  @Option(names = "--with-key", description = "Put a key under each.")
  boolean withKey;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "How long all are kept alive and measured (default ${DEFAULT-VALUE}).")
  long seconds;

  @Option(
      names = "--in-flight",
      defaultValue = "256",
      description = "Grants without an answer at a time (default ${DEFAULT-VALUE}).")
  int inFlight;

  @Option(names = "--expire", description = "Then let all go at once.")
  boolean expire;

  @Option(
      names = "--pids",
      split = ",",
      description = "Server processes whose processor time and memory to count (Linux).")
  List<Long> pids = List.of();

  @Override
  public Integer call() throws InterruptedException {
    AtomicLong lost = new AtomicLong();
    try (QuorateClient keeper = open();
        QuorateClient writer = open()) {
      List<Session> sessions = grant(keeper, lost);
      ProcessCost before = ProcessCost.of(pids);
      park(Duration.ofSeconds(seconds));
      ProcessCost cost = ProcessCost.of(pids).since(before);
      double perSecond = (double) sessions.size() * KEEP_ALIVES_PER_TTL / ttl;
      ObjectNode kept = JSON.createObjectNode();
      kept.put("phase", "keep-alive").put("leases", sessions.size()).put("ttl", ttl);
      kept.put("keepAlivesPerSecond", Math.round(perSecond)).put("lost", lost.get());
      kept.put("serverCpuUsPerKeepAlive", cost.cpuMillis() * 1000.0 / (perSecond * seconds));
      kept.put("rssMb", cost.residentBytes() >> 20);
      System.out.println(kept);
      boolean whole = lost.get() == 0 && sessions.size() == leases;
      if (expire) {
        expire(keeper, writer, sessions);
      }
      return whole ? 0 : 1;
    }
  }

  private QuorateClient open() {
    return target.open();
  }

  private List<Session> grant(QuorateClient client, AtomicLong lost) throws InterruptedException {
    ConcurrentLinkedQueue<Session> granted = new ConcurrentLinkedQueue<>();
    AtomicLong failures = new AtomicLong();
    Semaphore room = new Semaphore(inFlight);
    Recorder latency = new Recorder(3);
    ProcessCost before = ProcessCost.of(pids);
    long began = System.nanoTime();
    for (int i = 0; i < leases; i++) {
      room.acquire();
      int number = i;
      long sent = System.nanoTime();
      CompletableFuture<Session> asked = client.leases().session(ttl);
      CompletableFuture<?> done = withKey
          ? asked.thenCompose(session -> client.put(
              Bytes.utf8("bench-lease/" + number),
              Bytes.utf8("v"),
              PutOptions.DEFAULT.withLease(session.id())))
          : asked;
      var unusedKept = asked.thenAccept(session -> {
        granted.add(session);
        var unusedTold = session.lost().thenAccept(why -> lost.incrementAndGet());
      });
      var unusedEnd = done.whenComplete((session, failure) -> {
        room.release();
        latency.recordValue(System.nanoTime() - sent);
        if (failure != null) {
          failures.incrementAndGet();
        }
      });
    }
    room.acquire(inFlight);
    double took = (System.nanoTime() - began) / 1e9;
    ProcessCost cost = ProcessCost.of(pids).since(before);
    ObjectNode line = line("grant", latency.getIntervalHistogram());
    line.put("leases", granted.size()).put("errors", failures.get()).put("seconds", took);
    line.put("perSecond", Math.round(granted.size() / took));
    line.put("serverCpuUsPerGrant", cost.cpuMillis() * 1000.0 / Math.max(1, granted.size()));
    System.out.println(line);
    return new ArrayList<>(granted);
  }

  private static ObjectNode line(String phase, Histogram latency) {
    ObjectNode line = JSON.createObjectNode();
    line.put("phase", phase);
    line.put("p50us", latency.getValueAtPercentile(50) / 1000);
    line.put("p99us", latency.getValueAtPercentile(99) / 1000);
    line.put("maxUs", latency.getMaxValue() / 1000);
    return line;
  }

  /** Foreground puts before and while everything goes. */
  private void expire(QuorateClient keeper, QuorateClient writer, List<Session> sessions) {
    Foreground puts = new Foreground(writer);
    puts.begin();
    park(Duration.ofSeconds(Math.min(10, seconds)));
    System.out.println(line("foreground before", puts.take()));
    long began = System.nanoTime();
    sessions.forEach(Session::close);
    park(Duration.ofSeconds(ttl * 2 / 3));
    // From here on the first may go.
    Histogram unused = puts.take();
    while (!keeper.leases().list().join().isEmpty()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    ObjectNode line = line("foreground while all expire", puts.take());
    line.put("allGoneAfterSeconds", (System.nanoTime() - began) / 1e9);
    System.out.println(line);
    puts.end();
  }

  /** Sixteen writers, each waiting for its put. */
  private static final class Foreground {
    private static final int WRITERS = 16;

    private final QuorateClient client;
    private final Recorder latency = new Recorder(3);
    private volatile boolean over;

    Foreground(QuorateClient client) {
      this.client = client;
    }

    void begin() {
      for (int i = 0; i < WRITERS; i++) {
        put(i, 0);
      }
    }

    private void put(int writer, long number) {
      if (over) {
        return;
      }
      long sent = System.nanoTime();
      var unused = client
          .put(Bytes.utf8("bench-foreground/" + writer + "/" + number % 1000), Bytes.utf8("v"))
          .whenComplete((done, failure) -> {
            latency.recordValue(System.nanoTime() - sent);
            put(writer, number + 1);
          });
    }

    Histogram take() {
      return latency.getIntervalHistogram();
    }

    void end() {
      over = true;
    }
  }

  private static void park(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (end - System.nanoTime() > 0) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
