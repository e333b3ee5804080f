package io.quorate.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quorate.cli.soak.Change;
import io.quorate.cli.soak.LoadKeys;
import io.quorate.cli.soak.Processes;
import io.quorate.cli.soak.WatchSoakLoop;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Rounds of a soak on a local cluster, counted in a file, so that one that is ended goes on where it was. Filled in by picocli. */
final class SoakRounds {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int KEYS_PER_REGION = 16;
  private static final int REPLICAS = 3;

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "Where the cluster lives.")
  private Path directory = Path.of("");

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "5",
      description = "How long; the round under way is ended. Default: ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description =
          "Of the first round; each further one adds 1. Default: 0, which takes the time.")
  private long seed;

  @Option(
      names = "--faults",
      paramLabel = "N",
      defaultValue = "2",
      description = "Faults in a round. Default: ${DEFAULT-VALUE}.")
  private int faults;

  @Option(
      names = "--down",
      paramLabel = "TIME",
      defaultValue = "2500ms",
      description = "How long a fault lasts. Default: ${DEFAULT-VALUE}.")
  private Duration down = Duration.ZERO;

  @Option(
      names = "--recovery",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "How long what was struck may take until all goes on. Default: ${DEFAULT-VALUE}.")
  private Duration recovery = Duration.ZERO;

  @Option(
      names = "--change-kinds",
      paramLabel = "KIND",
      split = ",",
      description =
          "Changes of regions, one after another: SPLIT, MERGE, TRANSFER, MOVE; named twice is drawn twice as often."
              + " Default: SPLIT,MERGE,TRANSFER, and MOVE if there are more than three stores; NONE for none.")
  private List<String> changeKinds = List.of();

  @Option(
      names = "--stores",
      paramLabel = "N",
      defaultValue = "3",
      description = "Stores. Default: ${DEFAULT-VALUE}.")
  private int stores;

  @Option(
      names = "--pds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Placement drivers. Default: ${DEFAULT-VALUE}.")
  private int pds;

  @Option(
      names = "--regions",
      paramLabel = "N",
      defaultValue = "8",
      description = "Regions at first. Default: ${DEFAULT-VALUE}.")
  private int regions;

  @Option(names = "--set", paramLabel = "NAME=VALUE", description = "As of cluster start.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--base-port",
      paramLabel = "P",
      defaultValue = "28479",
      description = "As of cluster start. Default: ${DEFAULT-VALUE}.")
  private int basePort;

  LoadKeys keys() {
    return new LoadKeys(regions, KEYS_PER_REGION);
  }

  int faults() {
    return faults;
  }

  List<Change> changes() {
    if (changeKinds.equals(List.of("NONE"))) {
      return List.of();
    }
    if (!changeKinds.isEmpty()) {
      return changeKinds.stream().map(SoakRounds::kind).toList();
    }
    return stores > REPLICAS
        ? List.of(Change.values())
        : List.of(Change.SPLIT, Change.MERGE, Change.TRANSFER);
  }

  private static Change kind(String name) {
    return Arrays.stream(Change.values())
        .filter(each -> each.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("--change-kinds knows no '" + name
            + "': name any of " + Arrays.toString(Change.values()) + ", or NONE alone"));
  }

  Duration down() {
    return down;
  }

  Duration recovery() {
    return recovery;
  }

  /**
   * Runs rounds until the time is over or something is broken.
   *
   * @param file of results, in the cluster's directory
   * @param soak makes, of the processes, what runs a round of a seed
   */
  int run(String file, Function<Processes, LongFunction<WatchSoakLoop.Report>> soak) {
    PrintWriter out = spec.commandLine().getOut();
    LocalClusterHost cluster =
        LocalClusterHost.at(directory, stores, pds, basePort, keys().splitKeys(), settings);
    cluster.start();
    LongFunction<WatchSoakLoop.Report> round = soak.apply(cluster);
    Path results = directory.resolve(file);
    long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    long roundSeed = seed == 0 ? System.currentTimeMillis() : seed;
    do {
      WatchSoakLoop.Report report = round.apply(roundSeed);
      append(results, roundSeed, report);
      out.println("seed " + roundSeed + ": " + report.counts());
      out.flush();
      if (!report.violations().isEmpty()) {
        report.violations().forEach(out::println);
        out.println("something is broken; the cluster in " + directory + " runs on");
        return ExitCode.NO;
      }
      roundSeed++;
    } while (System.nanoTime() - end < 0);
    cluster.stop();
    out.println("so far: " + sums(results));
    return ExitCode.OK;
  }

  private static void append(Path results, long seed, WatchSoakLoop.Report report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", Instant.now().toString());
    line.put("seed", seed);
    line.putAll(report.counts());
    line.put("violations", report.violations());
    try {
      Files.writeString(
          results,
          MAPPER.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Over all rounds of the file: counts are added, the latest of all is the latest. */
  private static Map<String, Long> sums(Path results) {
    Map<String, Long> sums = new TreeMap<>();
    try {
      for (String text : Files.readAllLines(results)) {
        add(MAPPER.readTree(text), sums);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(results + " holds what no soak has written", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sums;
  }

  private static void add(JsonNode line, Map<String, Long> sums) {
    sums.merge("rounds", 1L, Long::sum);
    sums.merge("violations", (long) line.path("violations").size(), Long::sum);
    line.properties().stream()
        .filter(field -> field.getValue().isNumber() && !field.getKey().equals("seed"))
        .forEach(field -> sums.merge(
            field.getKey(),
            field.getValue().asLong(),
            field.getKey().startsWith("latest_") ? Math::max : Long::sum));
  }
}
