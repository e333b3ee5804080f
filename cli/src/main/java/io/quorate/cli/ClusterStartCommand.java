package io.quorate.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate cluster start}. */
@Command(
    name = "start",
    sortOptions = false,
    description = {
      "Starts a local cluster of real processes, or those of it that do not run, and waits until it serves.",
      "In the directory: NAME.pid, NAME.log, NAME.properties and the data of pd-1, …, store-1, …"
    })
final class ClusterStartCommand implements Callable<Integer> {
  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description =
          "Where the cluster lives; a cluster that lies there is started again with its data.")
  private Path directory = Path.of("");

  @Option(
      names = "--stores",
      paramLabel = "N",
      description = "Number of stores; may grow at a later start. Default: 3, or as it was.")
  private @Nullable Integer stores;

  @Option(
      names = "--pds",
      paramLabel = "N",
      description = "Number of placement drivers: 1, 3 or 5. Default: 1, or as it was.")
  private @Nullable Integer pds;

  @Option(
      names = "--base-port",
      paramLabel = "P",
      description =
          "Store i serves clients on P+10(i-1) and peers on the port after it, PD j listens on P+10(j-1)+2."
              + " Metrics: store i on P+10(i-1)+3, PD j on P+10(j-1)+4. Default: 2379, or as it was.")
  private @Nullable Integer basePort;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "A further option of a new cluster's processes, pd.NAME or store.NAME, such as store.region-split-size=8MiB.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Mixin
  private ShapeOptions shape = new ShapeOptions();

  @Mixin
  private RetentionOptions retention = new RetentionOptions();

  @Mixin
  private KeyOptions key = new KeyOptions();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "90s",
      description = "How long to wait until it serves. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    settings.putAll(retention.settings());
    settings.putAll(keySettings());
    ClusterHost cluster = new ClusterHost(directory.toAbsolutePath().normalize());
    ClusterLayout layout = layout(cluster.layout());
    cluster.write(layout);
    List<ProcessHost> started = cluster.startMissing(layout, JavaCommand.likeThisProcess());
    new ClusterWatchLoop(cluster, layout).awaitServing(timeout);
    output.print(
        new ClusterReport(cluster, layout).toJson(),
        out -> out.println("cluster in " + cluster.directory() + ": " + started.size() + " of "
            + layout.names().size() + " processes started; --pd " + layout.pdAddresses()
            + "; ready"));
    return ExitCode.OK;
  }

  /** The processes read the file themselves; one that does not fit is told of here already. */
  private Map<String, String> keySettings() {
    var unused = key.key();
    return key.file()
        .map(file -> ClusterLayout.keySettings(file.toAbsolutePath().normalize()))
        .orElse(Map.of());
  }

  private ClusterLayout layout(Optional<ClusterLayout> existing) {
    if (existing.isEmpty()) {
      int count = stores == null ? 3 : stores;
      return new ClusterLayout(
          count,
          pds == null ? 1 : pds,
          basePort == null ? 2379 : basePort,
          count,
          shape.shape(),
          settings);
    }
    ClusterLayout before = existing.get();
    if (!before.settings().entrySet().containsAll(settings.entrySet())) {
      throw new IllegalArgumentException("the cluster in " + directory
          + " has settings already: change the processes' files there, or choose another --dir");
    }
    refuseChange("--pds", pds, before.pds());
    refuseChange("--base-port", basePort, before.basePort());
    if (stores != null && stores < before.stores()) {
      refuseChange("--stores", stores, before.stores());
    }
    return before.withStores(stores == null ? before.stores() : stores);
  }

  private void refuseChange(String option, @Nullable Integer wanted, int before) {
    if (wanted != null && wanted != before) {
      throw new IllegalArgumentException(
          "the cluster in " + directory + " has " + option + " " + before + ", which cannot become "
              + wanted + ": leave the option out, or choose another --dir");
    }
  }
}
