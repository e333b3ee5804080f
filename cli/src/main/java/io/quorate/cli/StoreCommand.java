package io.quorate.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quorate store …}. */
@Command(
    name = "store",
    description = "Run a store; list the stores of a cluster.",
    subcommands = {StoreRunCommand.class, StoreListCommand.class})
final class StoreCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing: run or list");
  }
}
