package io.quorate.cli;

import io.quorate.cli.backup.BackupLoop;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate backup}. */
@Command(
    name = "backup",
    description = {
      "Writes all keys as of one revision into a directory, while the cluster goes on.",
      "The directory is a backup once it has a manifest.json; it is written last."
    })
final class BackupCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Empty, or not there.")
  private Path directory = Path.of("");

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description = "Regions read at once. Default: ${DEFAULT-VALUE}.")
  private int parallel;

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = Quantities.Size.class,
      description = "Bytes a second at most, such as 50MiB. Default: no limit.")
  private long rate;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    if (parallel < 1 || parallel > 64) {
      throw new IllegalArgumentException("--parallel must be 1 to 64");
    }
    PrintWriter err = spec.commandLine().getErr();
    BackupLoop.Taken taken = cluster.withClient(
        client -> new BackupLoop(client, directory, parallel, rate, err::println).run());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("revision", taken.revision());
    json.put("keys", taken.keys());
    json.put("leases", taken.leases());
    json.put("bytes", taken.bytes());
    json.put("files", taken.files());
    output.print(
        json,
        out -> out.println("backup of " + taken.keys() + " keys and " + taken.leases()
            + " leases at revision " + taken.revision()
            + " in " + directory));
    return ExitCode.OK;
  }
}
