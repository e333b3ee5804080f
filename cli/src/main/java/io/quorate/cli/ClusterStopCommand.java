package io.quorate.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate cluster stop}. */
@Command(
    name = "stop",
    description = "Stops the processes of a local cluster cleanly; its data stays.")
final class ClusterStopCommand implements Callable<Integer> {
  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "Where the cluster lives.")
  private Path directory = Path.of("");

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "20s",
      description =
          "How long each process may take before it is killed. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    ClusterHost cluster = new ClusterHost(directory.toAbsolutePath().normalize());
    Optional<ClusterLayout> layout = cluster.layout();
    if (layout.isEmpty()) {
      throw new IllegalArgumentException("no cluster lies in " + directory + ": check --dir");
    }
    int stopped = cluster.stop(layout.get(), timeout);
    output.print(Map.of("stopped", stopped), out -> out.println(stopped + " processes stopped"));
    return ExitCode.OK;
  }
}
