package io.quorate.bench.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quorate.bench.BenchTarget;
import io.quorate.client.QuorateClient;
import io.quorate.model.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench overwrite}: a few keys written over and over, and what their history takes on disk. Main puts. */
@Command(
    name = "overwrite",
    description = {
      "Overwrites keys at random, and prints every few seconds throughput, latency, seconds without an answer and disk use.",
      "Start the cluster with a short retention (pd run --auto-compaction-retention 60s) to see history go."
    },
    mixinStandardHelpOptions = true)
public final class OverwriteCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(names = "--keys", defaultValue = "10000", description = "Default ${DEFAULT-VALUE}.")
  int keys;

  @Option(
      names = "--overwrites",
      defaultValue = "10000000",
      description = "Puts in all (default ${DEFAULT-VALUE}).")
  long overwrites;

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
      names = "--every",
      defaultValue = "10",
      description = "Seconds between two lines (default ${DEFAULT-VALUE}).")
  long every;

  @Option(
      names = "--dirs",
      split = ",",
      description = "Data directories of stores whose size to count.")
  List<Path> dirs = List.of();

  private final Recorder latency = new Recorder(3);
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private long longestSilence;
  private volatile long lastAnswer;

  @Override
  public Integer call() throws InterruptedException {
    Random random = new Random(1);
    byte[] noise = new byte[valueBytes];
    Semaphore room = new Semaphore(inFlight);
    long began = System.nanoTime();
    lastAnswer = began;
    long lineAt = began;
    long lineDone = 0;
    try (QuorateClient client = target.open()) {
      for (long i = 0; i < overwrites; i++) {
        room.acquire();
        random.nextBytes(noise);
        Bytes key = Bytes.utf8(String.format("overwrite/%08d", random.nextInt(keys)));
        long sent = System.nanoTime();
        var unused = client.put(key, Bytes.copyOf(noise)).whenComplete((put, failure) -> {
          answered(sent, failure == null);
          room.release();
        });
        if (sent - lineAt > every * 1_000_000_000L) {
          print(lineDone, (sent - lineAt) / 1e9, (sent - began) / 1e9);
          lineAt = sent;
          lineDone = done.get();
        }
      }
      room.acquire(inFlight);
      long end = System.nanoTime();
      print(lineDone, (end - lineAt) / 1e9, (end - began) / 1e9);
    }
    return failed.get() == 0 ? 0 : 1;
  }

  private synchronized void answered(long sent, boolean well) {
    long now = System.nanoTime();
    latency.recordValue(now - sent);
    if (well) {
      longestSilence = Math.max(longestSilence, now - lastAnswer);
      lastAnswer = now;
      done.incrementAndGet();
    } else {
      failed.incrementAndGet();
    }
  }

  private void print(long before, double span, double sinceBegin) {
    Histogram part = latency.getIntervalHistogram();
    long silence;
    synchronized (this) {
      silence = longestSilence;
      longestSilence = 0;
    }
    ObjectNode line = JSON.createObjectNode();
    line.put("second", Math.round(sinceBegin)).put("done", done.get()).put("errors", failed.get());
    line.put("perSecond", Math.round((done.get() - before) / span));
    line.put("p50us", part.getValueAtPercentile(50) / 1000);
    line.put("p99us", part.getValueAtPercentile(99) / 1000);
    line.put("maxUs", part.getMaxValue() / 1000);
    line.put("longestSilenceMs", silence / 1_000_000);
    line.put("diskBytes", dirs.stream().mapToLong(OverwriteCommand::size).sum());
    System.out.println(line);
  }

  /** Files may come and go while they are counted. */
  private static long size(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0)
          .sum();
    } catch (UncheckedIOException | IOException e) {
      return 0;
    }
  }
}
