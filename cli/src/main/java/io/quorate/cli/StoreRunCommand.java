package io.quorate.cli;

import io.quorate.client.transport.Endpoint;
import io.quorate.region.host.MoveLimits;
import io.quorate.region.split.SplitLimits;
import io.quorate.store.ListenAddress;
import io.quorate.store.SplitConfig;
import io.quorate.store.StoreAddresses;
import io.quorate.store.StoreConfig;
import io.quorate.store.StoreConfig.RaftTimings;
import io.quorate.store.StoreLimits;
import io.quorate.store.StoreNode;
import io.quorate.store.StoreSecurity;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate store run}: one store process, until it is told to stop. */
@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs one store until SIGTERM or SIGINT, which stop it cleanly: leaderships are handed over first.",
      "An empty data directory makes a new store; PD's address is all it needs to join."
    })
final class StoreRunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "Data directory; made if it is not there. One process at a time.")
  @SuppressWarnings("NullAway.Init")
  private Path dataDir;

  @Option(
      names = "--pd",
      paramLabel = "HOST:PORT,…",
      defaultValue = "${env:QUORATE_PD:-127.0.0.1:2381}",
      description =
          "Placement drivers; one is enough, the others are learned. Default: QUORATE_PD, else 127.0.0.1:2381.")
  private String pd = "";

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2379",
      description = "Where clients connect. Default: ${DEFAULT-VALUE}.")
  private String listen = "";

  @Option(
      names = "--peer-listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:2380",
      description = "Where other stores connect. Default: ${DEFAULT-VALUE}.")
  private String peerListen = "";

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description =
          "What clients are told instead of --listen; needed if that is a wildcard. Default: --listen.")
  private @Nullable String advertise;

  @Option(
      names = "--peer-advertise",
      paramLabel = "HOST:PORT",
      description = "What other stores are told instead of --peer-listen. Default: --peer-listen.")
  private @Nullable String peerAdvertise;

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "KEY=VALUE",
      description = "Where the store stands, such as zone=a,rack=7. Default: none.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--pd-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "How long the start waits for a placement driver before it gives up. Default: ${DEFAULT-VALUE}.")
  private Duration pdTimeout = Duration.ZERO;

  @Option(
      names = "--shutdown-timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "How long a clean stop may take. Default: ${DEFAULT-VALUE}.")
  private Duration shutdownTimeout = Duration.ZERO;

  @Option(
      names = "--election-timeout",
      paramLabel = "TIME",
      defaultValue = "1s",
      description =
          "Silence of a region's leader after which the others elect. Default: ${DEFAULT-VALUE}.")
  private Duration electionTimeout = Duration.ZERO;

  @Option(
      names = "--raft-heartbeat",
      paramLabel = "TIME",
      defaultValue = "200ms",
      description =
          "How often a leader is heard; at most a third of the election timeout. Default: ${DEFAULT-VALUE}.")
  private Duration heartbeat = Duration.ZERO;

  @Option(
      names = "--cache-bytes",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = Quantities.Size.class,
      description = "Memory for the newest versions of keys. Default: ${DEFAULT-VALUE}.")
  private long cacheBytes;

  @Option(
      names = "--max-request-bytes",
      paramLabel = "SIZE",
      defaultValue = "1536KiB",
      converter = Quantities.Size.class,
      description =
          "Greatest request; greater ones are refused. Default: ${DEFAULT-VALUE}, as in etcd.")
  private long maxRequestBytes;

  @Option(
      names = "--max-stream-requests",
      paramLabel = "N",
      defaultValue = "16384",
      description =
          "Requests of one client in work at once; further ones are answered 'busy'. Default: ${DEFAULT-VALUE}.")
  private int maxStreamRequests;

  @Option(
      names = "--max-queued-bytes",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = Quantities.Size.class,
      description =
          "Bytes of requests in work at once; beyond, 'busy' is answered. Default: ${DEFAULT-VALUE}.")
  private long maxQueuedBytes;

  @Mixin
  private ServerTlsOptions tls = new ServerTlsOptions();

  @Mixin
  private KeyOptions key = new KeyOptions();

  @Mixin
  private MetricsOptions metrics = new MetricsOptions();

  @Option(
      names = "--region-split-size",
      paramLabel = "SIZE",
      defaultValue = "96MiB",
      converter = Quantities.Size.class,
      description = "Data of a region from which it is split. Default: ${DEFAULT-VALUE}.")
  private long splitBytes;

  @Option(
      names = "--region-split-keys",
      paramLabel = "N",
      defaultValue = "960000",
      description = "Keys of a region from which it is split. Default: ${DEFAULT-VALUE}.")
  private long splitKeys;

  @Option(
      names = "--split-load-threshold",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Requests a second to one region from which it is split where its load halves. Default: ${DEFAULT-VALUE}.")
  private long splitLoad;

  @Option(
      names = "--split-load-bytes",
      paramLabel = "SIZE",
      defaultValue = "30MiB",
      converter = Quantities.Size.class,
      description = "Bytes of requests a second, likewise. Default: ${DEFAULT-VALUE}.")
  private long splitLoadBytes;

  @Option(
      names = "--snapshot-install-retries",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "How often in the process's life a replica whose snapshot cannot be taken in begins anew. Default: ${DEFAULT-VALUE}.")
  private int installRetries;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Properties file with any of these options, as name=value; the command line wins over it.")
  @SuppressWarnings("UnusedVariable") // Read by ConfigFile, before the command line is parsed.
  private @Nullable Path config;

  @Override
  public Integer call() {
    StoreConfig parsed = config();
    return new ProcessLoop(spec.commandLine())
        .run(
            "store",
            () -> metrics.start(
                registry -> StoreNode.start(parsed, registry),
                StoreNode::failure,
                StoreNode::trouble),
            store -> "store " + store.node().identity().store() + " serves clients on "
                + store.node().clientAddress() + ", stores on " + store.node().peerAddress()
                + store.metricsText());
  }

  /** What the command line and file say. */
  StoreConfig config() {
    StoreAddresses addresses = new StoreAddresses(
        ListenAddress.parse(listen),
        ListenAddress.parse(peerListen),
        Optional.ofNullable(advertise).map(ListenAddress::parse),
        Optional.ofNullable(peerAdvertise).map(ListenAddress::parse));
    List<Endpoint> placement = Endpoint.parseList(pd);
    return StoreConfig.defaults(addresses, placement, dataDir.toAbsolutePath().normalize())
        .withLabels(labels)
        .withTimeouts(pdTimeout, shutdownTimeout)
        .withSecurity(new StoreSecurity(tls.clients(), tls.peers(), tls.outbound()))
        .withKey(key.key())
        .withRaft(new RaftTimings(electionTimeout, heartbeat))
        .withSplit(SplitConfig.defaults()
            .withLimits(new SplitLimits(splitBytes, splitKeys, splitLoad, splitLoadBytes)))
        .withMoves(MoveLimits.defaults().withInstallRetries(installRetries))
        .withBounds(
            cacheBytes,
            StoreLimits.defaults()
                .withRequestBytes(Math.toIntExact(maxRequestBytes))
                .withStreamRequests(maxStreamRequests)
                .withQueuedBytes(maxQueuedBytes));
  }
}
