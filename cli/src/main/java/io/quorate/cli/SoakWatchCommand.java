package io.quorate.cli;

import io.quorate.cli.soak.Change;
import io.quorate.cli.soak.Fault;
import io.quorate.cli.soak.LoadKeys;
import io.quorate.cli.soak.SoakLoop;
import io.quorate.cli.soak.WatchSoakLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate soak-watch}. Main waits. */
@Command(
    name = "soak-watch",
    sortOptions = false,
    description = {
      "Writers, watchers that come and go, faults and changes of regions on a local cluster of real processes: what each watcher was told must be",
      "the history read back. Goes on with the cluster in the directory; adds a line per round to DIR/soak-watch-results.jsonl.",
      "Exit code 1 as soon as something differs: the processes are left running then."
    })
final class SoakWatchCommand implements Callable<Integer> {
  @Mixin
  private SoakRounds rounds = new SoakRounds();

  @Option(
      names = "--writers",
      paramLabel = "N",
      defaultValue = "8",
      description = "Threads that write. Default: ${DEFAULT-VALUE}.")
  private int writers;

  @Option(
      names = "--watchers",
      paramLabel = "N",
      defaultValue = "12",
      description = "Of everything, of a region's prefix, of one key. Default: ${DEFAULT-VALUE}.")
  private int watchers;

  @Option(
      names = "--round",
      paramLabel = "TIME",
      defaultValue = "30s",
      description = "How long a round writes. Default: ${DEFAULT-VALUE}.")
  private Duration length = Duration.ZERO;

  @Override
  public Integer call() {
    LoadKeys keys = rounds.keys();
    List<Change> kinds = rounds.changes();
    return rounds.run("soak-watch-results.jsonl", processes -> {
      WatchSoakLoop loop = new WatchSoakLoop(processes, keys);
      return seed -> loop.round(
          seed,
          new WatchSoakLoop.Pace(
              writers,
              watchers,
              length,
              SoakLoop.faults(seed, rounds.faults(), List.of(Fault.values())),
              rounds.down(),
              kinds,
              rounds.recovery()));
    });
  }
}
