package io.quorate.cli;

import io.quorate.cli.backup.RestoreLoop;
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

/** {@code quorate restore}. */
@Command(
    name = "restore",
    description = {
      "Puts a backup into a new cluster: keys keep their revisions and versions, and revisions go on above them.",
      "Nobody may write to the cluster meanwhile."
    })
final class RestoreCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR|FILE",
      description = "A whole backup, or the file of a snapshot that etcdctl saved.")
  private Path directory = Path.of("");

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description = "Files written at once. Default: ${DEFAULT-VALUE}.")
  private int parallel;

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = Quantities.Size.class,
      description = "Bytes a second at most, such as 50MiB. Default: no limit.")
  private long rate;

  @Option(
      names = "--resume",
      description = "Go on with a restore of the same backup that broke off.")
  private boolean resume;

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
    RestoreLoop.Restored restored = cluster.withClient(
        client -> new RestoreLoop(client, directory, parallel, rate, resume, err::println).run());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("revision", restored.revision());
    json.put("keys", restored.keys());
    json.put("leases", restored.leases());
    output.print(
        json,
        out -> out.println("restored " + restored.keys() + " keys and " + restored.leases()
            + " leases of revision " + restored.revision()));
    return ExitCode.OK;
  }
}
