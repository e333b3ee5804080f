package io.quorate.bench.load;

import io.quorate.bench.BenchTarget;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench load}: closed-loop puts or gets of 256-byte values through the Java SDK. */
@Command(
    name = "load",
    description =
        "Closed-loop puts or linearizable gets through the Java SDK, measured like the peers in bench/peers.",
    mixinStandardHelpOptions = true)
public final class LoadCommand implements Callable<Integer> {
  private static final int RANGE_KEYS = 100;

  /** What to send. */
  enum Operation {
    LOAD,
    PUT,
    GET,
    RANGE
  }

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--op",
      defaultValue = "put",
      description =
          "load (put every key once), put, get, range of 100 keys (default ${DEFAULT-VALUE}).")
  String operation = "";

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "1,16,64,256",
      description = "Closed-loop clients, one run for each number (default ${DEFAULT-VALUE}).")
  List<Integer> clients = List.of();

  @Option(
      names = "--mode",
      defaultValue = "async",
      description =
          "How a client waits: async (as the peers' clients do) or threads (default ${DEFAULT-VALUE}).")
  String mode = "";

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Number of keys (default ${DEFAULT-VALUE}).")
  int keys;

  @Option(
      names = "--value-bytes",
      defaultValue = "256",
      description = "Value size (default ${DEFAULT-VALUE}).")
  int valueBytes;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Measured seconds (default ${DEFAULT-VALUE}).")
  long seconds;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "Unmeasured seconds before (default ${DEFAULT-VALUE}).")
  long warmUp;

  @Option(
      names = "--pids",
      split = ",",
      description = "Server processes whose processor time and memory to count (Linux).")
  List<Long> pids = List.of();

  @Option(
      names = "--in-flight",
      defaultValue = "512",
      description = "With --op load: puts without an answer at a time (default ${DEFAULT-VALUE}).")
  int inFlight;

  @Option(
      names = "--series",
      description =
          "With --op load: a file for a JSON line per second and minute; a summary is printed.")
  @Nullable
  Path series;

  @Option(names = "--json", description = "One JSON line per run.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    Operation chosen = Operation.valueOf(operation.toUpperCase(Locale.ROOT));
    ClosedLoop.Mode waits = ClosedLoop.Mode.valueOf(mode.toUpperCase(Locale.ROOT));
    byte[] noise = new byte[valueBytes];
    new Random(1).nextBytes(noise);
    Bytes value = Bytes.wrap(noise);
    boolean failed = false;
    try (QuorateClient client = target.open()) {
      if (chosen == Operation.LOAD) {
        return fill(client, value);
      }
      for (int count : clients) {
        LoadResult result = new ClosedLoop(request(client, chosen, value), waits, count)
            .run(
                "quorate",
                chosen.name().toLowerCase(Locale.ROOT),
                Duration.ofSeconds(warmUp),
                Duration.ofSeconds(seconds),
                pids);
        System.out.println(json ? result.toJson() : result);
        failed |= result.errors() > 0;
      }
    }
    return failed ? 1 : 0;
  }

  private ClosedLoop.Request request(QuorateClient client, Operation chosen, Bytes value) {
    return switch (chosen) {
      case GET ->
        random -> {
          Bytes key = key(random.nextInt(keys));
          return client.get(key).thenAccept(found -> {
            if (found.isEmpty()) {
              throw new IllegalStateException(key + " is not there: run --op load first");
            }
          });
        };
      case RANGE -> random -> ranged(client, random);
      default -> random -> client.put(key(random.nextInt(keys)), value);
    };
  }

  private CompletableFuture<?> ranged(QuorateClient client, SplittableRandom random) {
    KeyRange range = KeyRange.of(key(random.nextInt(keys)), Bytes.EMPTY);
    return client.range(range, RangeOptions.DEFAULT.withLimit(RANGE_KEYS).withoutCount());
  }

  private int fill(QuorateClient client, Bytes value) throws Exception {
    Path file = series == null ? Files.createTempFile("quorate-load", ".jsonl") : series;
    try (Series noted = new Series(file)) {
      long failed = new KeyFillLoop(client, LoadCommand::key, value, noted, inFlight).run(keys);
      System.out.println(noted.summary());
      return failed == 0 ? 0 : 1;
    } finally {
      if (series == null) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Spread by a multiplicative hash, so that YCSB's split keys cut these keys evenly too. */
  static Bytes key(int number) {
    return Bytes.utf8("user" + site.ycsb.Utils.hash(number));
  }
}
