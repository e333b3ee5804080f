package io.quorate.cli;

import io.quorate.cli.soak.Change;
import io.quorate.cli.soak.Fault;
import io.quorate.cli.soak.LeaseSoakLoop;
import io.quorate.cli.soak.LoadKeys;
import io.quorate.cli.soak.SoakLoop;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate soak-lease}. Main waits. */
@Command(
    name = "soak-lease",
    sortOptions = false,
    description = {
      "Leases with keys in all regions, kept alive or revoked, under faults and changes of regions on a local cluster of real processes: no key may go before",
      "its lease may, and all must be gone in time. Goes on with the cluster in the directory; adds a line per round to",
      "DIR/soak-lease-results.jsonl. Exit code 1 as soon as one is early or late: the processes are left running then."
    })
final class SoakLeaseCommand implements Callable<Integer> {
  @Mixin
  private SoakRounds rounds = new SoakRounds();

  @Option(
      names = "--leases",
      paramLabel = "N",
      defaultValue = "60",
      description = "Leases at a time. Default: ${DEFAULT-VALUE}.")
  private int leases;

  @Option(
      names = "--lives",
      paramLabel = "N",
      defaultValue = "3",
      description = "Leases one after another, in a round. Default: ${DEFAULT-VALUE}.")
  private int lives;

  @Option(
      names = "--changes",
      paramLabel = "N",
      defaultValue = "4",
      description = "Changes of regions that get done in a round. Default: ${DEFAULT-VALUE}.")
  private int changes;

  @Override
  public Integer call() {
    LoadKeys keys = rounds.keys();
    List<Change> kinds = rounds.changes();
    return rounds.run("soak-lease-results.jsonl", processes -> {
      LeaseSoakLoop loop = new LeaseSoakLoop(processes, keys);
      return seed -> loop.round(
          seed,
          new LeaseSoakLoop.Pace(
              leases,
              lives,
              SoakLoop.faults(seed, rounds.faults(), List.of(Fault.values())),
              rounds.down(),
              kinds,
              changes,
              rounds.recovery()));
    });
  }
}
