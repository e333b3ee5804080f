package io.quorate.cli;

import io.quorate.model.RegionId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate operator …}: what the placement driver is doing to regions. */
@Command(
    name = "operator",
    description = {
      "Show or cancel what the placement driver is doing to regions.",
      "An operator is a list of steps for one region: add a learner, promote it, transfer the leader, remove a replica, "
          + "split, merge. A step is done when the region's leader says so."
    })
final class OperatorCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing: list or cancel");
  }

  @Command(
      name = "list",
      description = {
        "Prints the operators under way, each with its steps (> marks the one under way) and its reason.",
        "Soft state of PD's leader: a new leader begins anew."
      })
  int list(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Option(
              names = "--ended",
              paramLabel = "N",
              defaultValue = "0",
              description =
                  "Print up to so many that ended, too, the newest first. Default: ${DEFAULT-VALUE}.")
          int ended) {
    OperatorTable.print(
        output, cluster.withPlacement(pd -> pd.admin().listOperators(ended).join()));
    return ExitCode.OK;
  }

  @Command(
      name = "cancel",
      description = {
        "Cancels the region's operator. A step that was ordered may still take effect; what is left over, "
            + "such as a learner, is tidied up by the replica checker."
      })
  int cancel(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "REGION", description = "The region's id.") long region) {
    OperatorTable.print(
        output,
        cluster.withPlacement(
            pd -> pd.admin().cancelOperator(new RegionId(region)).join()));
    return ExitCode.OK;
  }
}
