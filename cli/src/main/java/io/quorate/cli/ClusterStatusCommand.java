package io.quorate.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate cluster status}. */
@Command(
    name = "status",
    description = "Says which processes of a local cluster run. Exits with 1 if one does not.")
final class ClusterStatusCommand implements Callable<Integer> {
  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "Where the cluster lives.")
  private Path directory = Path.of("");

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    ClusterHost cluster = new ClusterHost(directory.toAbsolutePath().normalize());
    Optional<ClusterLayout> layout = cluster.layout();
    if (layout.isEmpty()) {
      throw new IllegalArgumentException("no cluster lies in " + directory + ": check --dir");
    }
    ClusterReport report = new ClusterReport(cluster, layout.get());
    output.print(report.toJson(), out -> report.lines().forEach(out::println));
    return report.allRun() ? ExitCode.OK : ExitCode.NO;
  }
}
