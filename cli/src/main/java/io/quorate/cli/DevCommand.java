package io.quorate.cli;

import io.quorate.embedded.EmbeddedCluster;
import io.quorate.embedded.PortPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate dev}: a whole cluster in this process. */
@Command(
    name = "dev",
    sortOptions = false,
    description = {
      "Runs a whole cluster in this process until Ctrl-C: placement drivers and stores on ports of this machine only.",
      "Prints where everything listens, and a line with 'ready' once it serves."
    })
final class DevCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--stores",
      paramLabel = "N",
      defaultValue = "3",
      description = "Stores. Default: ${DEFAULT-VALUE}.")
  private int stores;

  @Option(
      names = "--pds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Placement drivers: 1, 3 or 5. Default: ${DEFAULT-VALUE}.")
  private int pds;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "2379",
      description =
          "Store i serves clients on P+10(i-1) and peers on the port after it, PD j listens on P+10(j-1)+2."
              + " Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Keeps the data here, and goes on with what is here. Default: a directory that is deleted at the end.")
  private @Nullable Path dataDir;

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

  @Override
  public Integer call() {
    EmbeddedCluster.Builder builder = EmbeddedCluster.builder()
        .stores(stores)
        .pds(pds)
        .ports(new PortPlan(port))
        .splitKeys(shape.shape().keys())
        .replicas(shape.shape().replicas())
        .storeMeters(() -> new ProcessMeters().registry())
        .configurePds(config -> config.withHistory(retention.limits()))
        .readyTimeout(timeout);
    if (dataDir != null) {
      builder.dataDir(dataDir.toAbsolutePath().normalize());
    }
    key.key().ifPresent(builder::clusterKey);
    return new ProcessLoop(spec.commandLine()).run("cluster", builder::start, this::listing);
  }

  private String listing(EmbeddedCluster cluster) {
    StringBuilder text = new StringBuilder();
    for (int pd = 1; pd <= pds; pd++) {
      text.append("pd ")
          .append(pd)
          .append("     ")
          .append(cluster.pdAddress(pd))
          .append('\n');
    }
    for (int store = 1; store <= stores; store++) {
      text.append("store ")
          .append(store)
          .append("  clients ")
          .append(cluster.storeAddress(store))
          .append("  peers ")
          .append(cluster.storePeerAddress(store))
          .append('\n');
    }
    return text
        + "data     "
        + (dataDir == null ? "temporary" : dataDir.toAbsolutePath().normalize()) + "\n"
        + "clients: --pd " + cluster.pdAddresses();
  }
}
