package io.quorate.cli;

import io.quorate.client.ClientConfig;
import io.quorate.client.transport.TransportConfig;
import io.quorate.store.GatewayNode;
import io.quorate.store.ListenAddress;
import io.quorate.store.StoreLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quorate gateway run}: one gateway process, until it is told to stop. */
@Command(
    name = "run",
    sortOptions = false,
    description = {
      "Runs one gateway until SIGTERM or SIGINT: etcd's gRPC API and its JSON gateway on one port, as every store has them.",
      "It holds nothing: any number may run, and one that is gone is replaced by starting another."
    })
final class GatewayRunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

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
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description = "How clients reach it; needed if --listen is a wildcard. Default: --listen.")
  private @Nullable String advertise;

  @Option(
      names = "--watch-progress",
      paramLabel = "TIME",
      defaultValue = "10m",
      description =
          "How often an idle watch that wants progress is told of it. Default: ${DEFAULT-VALUE}, as in etcd.")
  private Duration watchProgress = Duration.ZERO;

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
    TransportConfig plain = TransportConfig.defaults();
    GatewayNode.Setup setup = new GatewayNode.Setup(
        ListenAddress.parse(listen),
        Optional.ofNullable(advertise).map(ListenAddress::parse),
        tls.clients(),
        ClientConfig.of(pd).withTransport(tls.outbound().map(plain::withTls).orElse(plain)),
        StoreLimits.defaults().messageBytes(),
        watchProgress,
        key.key());
    return new ProcessLoop(spec.commandLine())
        .run(
            "gateway",
            () -> metrics.start(
                registry -> GatewayNode.start(setup, registry),
                gateway -> new CompletableFuture<>(),
                gateway -> ""),
            gateway ->
                "gateway serves clients on " + gateway.node().address() + gateway.metricsText());
  }
}
