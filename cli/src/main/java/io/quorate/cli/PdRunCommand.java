package io.quorate.cli;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.quorate.auth.ClusterKey;
import io.quorate.client.transport.ListenerTls;
import io.quorate.client.transport.TlsConfig;
import io.quorate.placement.node.PlacementConfig;
import io.quorate.placement.node.PlacementNode;
import io.quorate.placement.node.PlacementParts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate pd run}: one placement driver, until it is told to stop. */
@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs one placement driver until SIGTERM or SIGINT. A cluster has 1, 3 or 5 of them.",
      "The options of a new cluster are heeded once, when it is made; give them to all placement drivers alike."
    })
final class PdRunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "Data directory; made if it is not there. One process at a time.")
  private Path dataDir = Path.of("");

  @Option(
      names = "--id",
      paramLabel = "N",
      defaultValue = "1",
      description = "This placement driver's number among --peers. Default: ${DEFAULT-VALUE}.")
  private long id;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2381",
      description =
          "Where clients, stores and other placement drivers connect. Default: ${DEFAULT-VALUE}.")
  private String listen = "";

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      defaultValue = "",
      description = "What others are told instead of --listen. Default: --listen.")
  private String advertise = "";

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "N@HOST:PORT",
      description =
          "All placement drivers of the cluster, this one included; alike on each. Default: this one alone.")
  private List<String> peers = new ArrayList<>();

  @Option(
      names = "--election-timeout",
      paramLabel = "TIME",
      defaultValue = "1s",
      description =
          "Silence of the leading placement driver after which the others elect. Default: ${DEFAULT-VALUE}.")
  private Duration electionTimeout = Duration.ZERO;

  @Option(
      names = "--bootstrap-stores",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "A new cluster waits for so many stores before its first regions are made. Default: ${DEFAULT-VALUE}.")
  private int bootstrapStores;

  @Mixin
  private RetentionOptions retention = new RetentionOptions();

  @Mixin
  private ShapeOptions shape = new ShapeOptions();

  @Mixin
  private ServerTlsOptions tls = new ServerTlsOptions();

  @Mixin
  private KeyOptions key = new KeyOptions();

  @Mixin
  private MetricsOptions metrics = new MetricsOptions();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Properties file with any of these options, as name=value; the command line wins over it.")
  @SuppressWarnings("UnusedVariable") // Read by ConfigFile, before the command line is parsed.
  private @Nullable Path config;

  @Override
  public Integer call() {
    PlacementConfig parsed = config();
    Optional<ClusterKey> shared = key.key();
    ServerCredentials listening = ListenerTls.credentials(tls.clients());
    boolean certificates = tls.clients().map(ListenerTls::demanding).orElse(false);
    ChannelCredentials connecting = TlsConfig.credentials(tls.outbound());
    return new ProcessLoop(spec.commandLine())
        .run(
            "placement driver",
            () -> metrics.start(
                registry -> PlacementNode.start(
                    parsed,
                    PlacementParts.of(listening, connecting, registry, shared)
                        .withCertificates(certificates)),
                PlacementNode::failure,
                pd -> ""),
            pd ->
                "placement driver " + id + " listens on " + pd.node().address() + pd.metricsText(),
            pd -> pd.node().failure());
  }

  /** What the command line and file say. */
  PlacementConfig config() {
    Map<Long, String> members = new TreeMap<>();
    for (String peer : peers) {
      int at = peer.indexOf('@');
      try {
        members.put(Long.parseLong(peer.substring(0, Math.max(at, 0))), peer.substring(at + 1));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("--peers names '" + peer + "': write N@HOST:PORT", e);
      }
    }
    PlacementConfig defaults = PlacementConfig.defaults(dataDir.toAbsolutePath().normalize());
    return defaults
        .withSchedules(ScheduleOptions.limits(spec))
        .withHistory(retention.limits())
        .withMember(id, listen, advertise, members)
        .withTimings(electionTimeout, defaults.tick())
        .withBootstrap(bootstrapStores, shape.shape().keys(), shape.shape().replicas());
  }
}
