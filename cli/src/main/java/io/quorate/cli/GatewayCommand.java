package io.quorate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quorate gateway}. */
@Command(
    name = "gateway",
    description = "A process that speaks etcd's API for a cluster and holds no data.",
    subcommands = GatewayRunCommand.class)
final class GatewayCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
