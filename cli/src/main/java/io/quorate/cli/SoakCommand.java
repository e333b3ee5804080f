package io.quorate.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quorate.cli.soak.Change;
import io.quorate.cli.soak.Fault;
import io.quorate.cli.soak.LoadKeys;
import io.quorate.cli.soak.RoundReport;
import io.quorate.cli.soak.SoakLoop;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quorate soak}. Thread: main, which it blocks. */
@Command(
    name = "soak",
    sortOptions = false,
    description = {
      "Loads a local cluster of real processes, kills and pauses them, and judges what the clients saw.",
      "Starts the cluster in the directory or goes on with it; adds a line per round to DIR/soak-results.jsonl.",
      "Exit code 1 as soon as an invariant is broken: the processes are left running then, to be looked at."
    })
final class SoakCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Leaves room for a million puts in each millisecond since 1970: no run repeats the values of one before. */
  private static final long VALUES_PER_MILLI = 1_000_000;

  /** After the last fault of a round. */
  private static final int CHANGES_MINUTES_MAX = 5;

  @Spec
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
          "Decides the faults of the first round; each further one adds 1. Default: 0, which takes the time.")
  private long seed;

  @Option(
      names = "--faults",
      paramLabel = "N",
      defaultValue = "4",
      description = "Faults in a round. Default: ${DEFAULT-VALUE}.")
  private int faults;

  @Option(
      names = "--kinds",
      split = ",",
      paramLabel = "FAULT",
      description = "Only these faults: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<Fault> kinds = List.of(Fault.values());

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "16",
      description = "Threads that load the cluster. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      defaultValue = "0s",
      description =
          "Of each of them between two requests, and of the threads that ask stores and PD members directly; leaves the "
              + "processor to the transactions. Default: ${DEFAULT-VALUE}.")
  private Duration pause = Duration.ZERO;

  @Option(
      names = "--stores",
      paramLabel = "N",
      defaultValue = "3",
      description = "Stores. Default: ${DEFAULT-VALUE}.")
  private int stores;

  @Option(
      names = "--pds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Placement drivers. Default: ${DEFAULT-VALUE}.")
  private int pds;

  @Option(
      names = "--regions",
      paramLabel = "N",
      defaultValue = "8",
      description = "Regions. Default: ${DEFAULT-VALUE}.")
  private int regions;

  @Option(
      names = "--recovery",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "How long what was struck may take until all serves again; longer on a busy machine. Default: ${DEFAULT-VALUE}.")
  private Duration recovery = Duration.ZERO;

  @Option(
      names = "--changes",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Splits, transfers and moves of regions that must get done in each round, while faults strike; all replicas "
              + "are compared after it. Give it a store more than replicas. Default: 0.")
  private int changes;

  @Option(
      names = "--change-kinds",
      split = ",",
      paramLabel = "CHANGE",
      description =
          "Only these changes: ${COMPLETION-CANDIDATES}; named twice is drawn twice as often. Default: SPLIT, and "
              + "TRANSFER and MOVE twice.")
  private List<Change> changeKinds =
      List.of(Change.SPLIT, Change.TRANSFER, Change.TRANSFER, Change.MOVE, Change.MOVE);

  @Option(
      names = "--change-workers",
      paramLabel = "N",
      defaultValue = "8",
      description = "Changes under way at a time. Default: ${DEFAULT-VALUE}.")
  private int changeWorkers;

  @Option(
      names = "--transactions",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads that do transactions over as many regions more, an eighth of them with clients that end at any moment; judged "
              + "for strict serializability. Default: 0.")
  private int transactions;

  @Option(names = "--set", paramLabel = "NAME=VALUE", description = "As of cluster start.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--base-port",
      paramLabel = "P",
      defaultValue = "28379",
      description = "As of cluster start. Default: ${DEFAULT-VALUE}.")
  private int basePort;

  @Option(
      names = "--down",
      paramLabel = "TIME",
      defaultValue = "2500ms",
      description =
          "How long a fault lasts; above the election timeout. Default: ${DEFAULT-VALUE}.")
  private Duration down = Duration.ZERO;

  @Option(
      names = "--calm",
      paramLabel = "TIME",
      defaultValue = "2s",
      description =
          "Undisturbed load before the first fault of a round and after each. Default: ${DEFAULT-VALUE}.")
  private Duration calm = Duration.ZERO;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (threads < regions) {
      throw new ParameterException(
          spec.commandLine(), "every region needs a thread: --threads must be at least --regions");
    }
    LoadKeys keys = new LoadKeys(regions, 16);
    SoakLoop.Transactions txns = transactions == 0
        ? SoakLoop.Transactions.NONE
        : new SoakLoop.Transactions(
            Math.max(2, regions), transactions - transactions / 8, transactions / 8);
    List<String> splitKeys = new ArrayList<>(txns.splitKeys());
    splitKeys.addAll(keys.splitKeys());
    LocalClusterHost cluster =
        LocalClusterHost.at(directory, stores, pds, basePort, splitKeys, settings);
    cluster.start();
    long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
    long roundSeed = seed == 0 ? System.currentTimeMillis() : seed;
    SoakLoop.Pace pace = new SoakLoop.Pace(threads, pause, calm, down, recovery);
    SoakLoop.Changes shapes = new SoakLoop.Changes(
        changes, changeKinds, changeWorkers, Duration.ofMinutes(CHANGES_MINUTES_MAX));
    SoakLoop soak = new SoakLoop(
        cluster, keys, pace, shapes, txns, System.currentTimeMillis() * VALUES_PER_MILLI);
    do {
      RoundReport report = soak.round(roundSeed, SoakLoop.faults(roundSeed, faults, kinds));
      append(report);
      out.println("seed " + roundSeed + ": " + report.counts() + " " + report.strikes());
      out.flush();
      if (!report.violations().isEmpty()) {
        report.violations().forEach(out::println);
        out.println("an invariant is broken; the cluster in " + directory + " runs on");
        return ExitCode.NO;
      }
      roundSeed++;
    } while (System.nanoTime() - end < 0);
    cluster.stop();
    out.println("so far: " + sums());
    return ExitCode.OK;
  }

  private Path results() {
    return directory.resolve("soak-results.jsonl");
  }

  private void append(RoundReport report) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", Instant.now().toString());
    line.putAll(report.toJson());
    try {
      Files.writeString(
          results(),
          MAPPER.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Over all rounds of the file: counts, faults by kind, the longest silence of each kind, violations. */
  private Map<String, Long> sums() {
    Map<String, Long> sums = new TreeMap<>();
    try {
      for (String text : Files.readAllLines(results())) {
        JsonNode line = MAPPER.readTree(text);
        sums.merge("rounds", 1L, Long::sum);
        sums.merge("violations", (long) line.path("violations").size(), Long::sum);
        List.of(
                "operations",
                "acked",
                "unknown",
                "refused",
                "reads",
                "snapshot_reads",
                "direct_reads",
                "direct_asks",
                "failed_reads",
                "maps",
                "map_holes",
                "regions_compared")
            .forEach(name -> sums.merge(name, line.path(name).asLong(), Long::sum));
        line.properties().stream()
            .filter(
                field -> field.getKey().startsWith("changes") || field.getKey().startsWith("txn_"))
            .forEach(field -> sums.merge(
                field.getKey(),
                field.getValue().asLong(),
                field.getKey().endsWith("_longest") ? Math::max : Long::sum));
        sums.merge("map_longest_hole_ms", line.path("map_longest_hole_ms").asLong(), Math::max);
        for (JsonNode fault : line.path("faults")) {
          String name = Fault.valueOf(fault.path("fault").asText()).name();
          sums.merge(name, 1L, Long::sum);
          sums.merge(name + " longest silence ms", fault.path("silence_ms").asLong(), Math::max);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sums;
  }
}
