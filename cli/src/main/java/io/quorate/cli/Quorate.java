package io.quorate.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.bench.BenchCommand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code quorate}. Thread: main. */
@Command(
    name = "quorate",
    version = "quorate 0.1.0",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description =
        "A replicated, multi-version key-value store with etcd's data model, spread over many Raft groups.",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the answer is no (key not there, conditions not met, cluster not running)",
      "2:the command line makes no sense",
      "3:the cluster could not be reached or did not answer in time; nothing was written",
      "4:the cluster refused; nothing was written",
      "5:a write was sent and its outcome is not known",
      "6:a process could not start (data directory, port, identity)"
    },
    subcommands = {
      DevCommand.class,
      ClusterCommand.class,
      PdCommand.class,
      StoreCommand.class,
      GatewayCommand.class,
      RegionCommand.class,
      OperatorCommand.class,
      SchedulerCommand.class,
      StatusCommand.class,
      GetCommand.class,
      PutCommand.class,
      DelCommand.class,
      RangeCommand.class,
      TxnCommand.class,
      LocksCommand.class,
      CompactCommand.class,
      SafepointCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      WatchCommand.class,
      LeaseCommand.class,
      LockCommand.class,
      ElectCommand.class,
      UserCommand.class,
      RoleCommand.class,
      AuthCommand.class,
      SoakCommand.class,
      SoakWatchCommand.class,
      SoakLeaseCommand.class,
      BenchCommand.class
    })
public final class Quorate implements Runnable {
  @Spec
  private CommandSpec spec;

  /** Started by picocli, which fills the fields in. */
  @SuppressWarnings("NullAway.Init")
  Quorate() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  public static void main(String[] arguments) {
    Logging.configure(List.of(arguments));
    System.exit(execute(
        new PrintWriter(System.out, true, UTF_8),
        new PrintWriter(System.err, true, UTF_8),
        arguments));
  }

  /** Runs one command line. */
  public static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine command = commandLine().setOut(out).setErr(err);
    try {
      Optional<ConfigFile> file = ConfigFile.named(List.of(arguments));
      if (file.isPresent()) {
        file.get().applyTo(chosen(command, arguments));
      }
    } catch (IllegalArgumentException e) {
      err.println("quorate: " + e.getMessage());
      return ExitCode.USAGE;
    }
    return command.execute(arguments);
  }

  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Quorate());
    ScheduleOptions.addTo(command.getCommandSpec().subcommands().get("pd"));
    return command
        .setUsageHelpAutoWidth(true)
        .setAbbreviatedOptionsAllowed(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.AUTO))
        .registerConverter(Duration.class, Quantities::duration)
        .setParameterExceptionHandler((failure, arguments) -> {
          CommandLine at = failure.getCommandLine();
          at.getErr()
              .println("quorate: " + oneLine(String.valueOf(failure.getMessage())) + " (see '"
                  + at.getCommandSpec().qualifiedName() + " --help')");
          return ExitCode.USAGE;
        })
        .setExecutionExceptionHandler((failure, at, parsed) -> {
          Failure what = Failure.of(failure);
          at.getErr().println("quorate: " + oneLine(what.message()));
          return what.exitCode();
        });
  }

  private static CommandLine chosen(CommandLine root, String... arguments) {
    CommandLine command = root;
    for (String argument : arguments) {
      CommandLine sub = command.getSubcommands().get(argument);
      if (sub == null) {
        break;
      }
      command = sub;
    }
    return command;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
