package io.quorate.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quorate.auth.ClusterKey;
import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.transport.ListenerTls;
import io.quorate.gateway.EtcdGateway;
import io.quorate.gateway.http.HttpPort;
import io.quorate.gateway.http.LateHttp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that speaks etcd's API and holds no data: a port, and the gateway behind it. Thread: start and close on the owner's
 * thread.
 */
public final class GatewayNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayNode.class);
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

  private final ListenerHost clients;
  private final EtcdGateway gateway;
  private final String address;

  /**
   * How a gateway is set up.
   *
   * @param listen where clients connect
   * @param advertise how they reach it, if not there
   * @param tls of that port; absent means plain text
   * @param cluster which cluster it serves, and how it connects
   * @param messageBytesMax greatest message that is taken
   * @param progressEvery how often an idle watch that wants progress is told of it
   * @param key of the cluster; without it the gateway is like any client that has not logged in
   */
  public record Setup(
      ListenAddress listen,
      Optional<ListenAddress> advertise,
      Optional<ListenerTls> tls,
      ClientConfig cluster,
      int messageBytesMax,
      Duration progressEvery,
      Optional<ClusterKey> key) {
    public Setup {
      if (advertise.isEmpty() && listen.isWildcard()) {
        throw new IllegalArgumentException("nobody can connect to " + listen
            + ": say with --advertise at which HOST:PORT clients reach this gateway");
      }
    }
  }

  private GatewayNode(Setup setup, MeterRegistry metrics) {
    LateHttp http = new LateHttp();
    clients = ListenerHost.bind(
        setup.listen(),
        "--listen",
        setup.tls().map(tls -> HttpPort.tls(tls, http)).orElseGet(() -> HttpPort.plaintext(http)),
        setup.messageBytesMax(),
        new NetworkBytes(metrics, "clients"),
        ClusterGates.ofClients(setup.key(), setup.tls()));
    try {
      address =
          setup.advertise().orElse(setup.listen().withPort(clients.port())).toString();
      Optional<Supplier<String>> scrape = metrics instanceof PrometheusMeterRegistry registry
          ? Optional.of(registry::scrape)
          : Optional.empty();
      gateway = EtcdGateway.open(
          setup
              .key()
              .map(key -> setup.cluster().withCredentials(Credentials.system(key)))
              .orElse(setup.cluster()),
          new EtcdGateway.Surroundings(
              member(address),
              setup.tls().isPresent(),
              setup.key(),
              setup.progressEvery(),
              () -> "",
              scrape));
    } catch (RuntimeException e) {
      clients.close();
      throw e;
    }
    gateway.services().forEach(clients::serve);
    clients.onStop(gateway::endStreams);
    http.serve(gateway::http);
    LOG.info("gateway={} serves", address);
  }

  /**
   * Returns once it listens; whether it reaches its cluster shows in its answers.
   *
   * @throws StoreStartException if it cannot listen
   */
  public static GatewayNode start(Setup setup, MeterRegistry metrics) {
    return new GatewayNode(setup, metrics);
  }

  /** A number of its own for headers, always the same for the same address; stores count from one. */
  private static long member(String address) {
    CRC32C sum = new CRC32C();
    sum.update(address.getBytes(StandardCharsets.UTF_8));
    return (1L << 40) | sum.getValue();
  }

  /** host:port under which clients reach it. */
  public String address() {
    return address;
  }

  /** Answers what is in work, in bounded time, and ends. */
  @Override
  public void close() {
    clients.close(CLOSE_GRACE);
    gateway.close();
    LOG.info("gateway={} stopped", address);
  }
}
