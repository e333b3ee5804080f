package io.quorate.bench.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quorate.bench.BenchTarget;
import io.quorate.bench.load.ProcessCost;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench catch-up}: what a watcher that comes back late costs, beside reading everything. Main waits. */
@Command(
    name = "catch-up",
    description = {
      "Overwrites keys, then watches a hundredth of them from before the first overwrite, all of them likewise, and reads all as a range:",
      "time, events, and what the servers read and used for it. Give the cluster a retention longer than the run."
    },
    mixinStandardHelpOptions = true)
public final class CatchUpCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "bench-catch-up/";
  private static final int PART = 100;

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(names = "--keys", defaultValue = "100000", description = "Default ${DEFAULT-VALUE}.")
  int keys;

  @Option(
      names = "--revisions",
      defaultValue = "1000000",
      description = "Puts after the watched revision (default ${DEFAULT-VALUE}).")
  long revisions;

  @Option(
      names = "--value-bytes",
      defaultValue = "256",
      description = "Value size (default ${DEFAULT-VALUE}).")
  int valueBytes;

  @Option(
      names = "--in-flight",
      defaultValue = "256",
      description = "Puts without an answer at a time (default ${DEFAULT-VALUE}).")
  int inFlight;

  @Option(
      names = "--repeat",
      defaultValue = "3",
      description = "Of each (default ${DEFAULT-VALUE}).")
  int repeat;

  @Option(
      names = "--pids",
      split = ",",
      description = "Server processes whose reads and processor time to count (Linux).")
  List<Long> pids = List.of();

  @Override
  public Integer call() throws InterruptedException {
    try (QuorateClient client = target.open()) {
      long first = client.snapshot().join().revision() + 1;
      overwrite(client);
      long last = client.snapshot().join().revision();
      KeyRange all = KeyRange.prefix(Bytes.utf8(PREFIX));
      // Keys are numbered in a fixed width: the first hundredth lies together.
      KeyRange part = KeyRange.of(key(0), key(keys / PART));
      for (int i = 0; i < repeat; i++) {
        watch(client, "watch 1 %", part, first, last);
        watch(client, "watch all", all, first, last);
        range(client, "range all", all);
      }
    }
    return 0;
  }

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("%s%08d", PREFIX, number));
  }

  private void overwrite(QuorateClient client) throws InterruptedException {
    Random random = new Random(1);
    byte[] noise = new byte[valueBytes];
    Semaphore room = new Semaphore(inFlight);
    AtomicLong failed = new AtomicLong();
    for (long i = 0; i < revisions; i++) {
      room.acquire();
      random.nextBytes(noise);
      int number = i < keys ? (int) i : random.nextInt(keys);
      var unused = client.put(key(number), Bytes.copyOf(noise)).whenComplete((put, failure) -> {
        if (failure != null) {
          failed.incrementAndGet();
        }
        room.release();
      });
    }
    room.acquire(inFlight);
    System.out.println(JSON.createObjectNode()
        .put("phase", "overwrite")
        .put("puts", revisions)
        .put("errors", failed.get()));
  }

  private void watch(QuorateClient client, String phase, KeyRange range, long first, long last)
      throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    AtomicLong events = new AtomicLong();
    Meter meter = new Meter();
    try (Watch watch = client.watch(range, WatchOptions.DEFAULT.from(first), update -> {
      events.addAndGet(update.events().size());
      if (update.revision() >= last) {
        there.countDown();
      }
    })) {
      watch.requestProgress();
      there.await();
    }
    meter.print(phase, events.get());
  }

  private void range(QuorateClient client, String phase, KeyRange range) {
    Meter meter = new Meter();
    long found = client.range(range, RangeOptions.DEFAULT).join().kvs().size();
    meter.print(phase, found);
  }

  /** From its making on. */
  private final class Meter {
    private final long began = System.nanoTime();
    private final ProcessCost before = ProcessCost.of(pids);
    private final long readBefore = readBytes();

    void print(String phase, long items) {
      ObjectNode line = JSON.createObjectNode();
      line.put("phase", phase).put("items", items);
      line.put("ms", (System.nanoTime() - began) / 1_000_000);
      line.put("serverCpuMs", ProcessCost.of(pids).since(before).cpuMillis());
      line.put("serverReadBytes", readBytes() - readBefore);
      System.out.println(line);
    }
  }

  /** Bytes that the servers have asked the system for, from the disk or its cache, network included. */
  private long readBytes() {
    long read = 0;
    for (long pid : pids) {
      try {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "io"))) {
          if (line.startsWith("rchar: ")) {
            read += Long.parseLong(line.substring("rchar: ".length()));
          }
        }
      } catch (NoSuchFileException gone) {
        // A process that has ended reads nothing more.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return read;
  }
}
