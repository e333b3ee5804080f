package io.quorate.gateway;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.gateway.http.HttpConnection;
import io.quorate.model.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * etcd's services over one SDK client of their own: nothing in them knows whether they run in a store or alone. Owned by the
 * process that serves them; any thread.
 */
public final class EtcdGateway implements AutoCloseable {
  private final QuorateClient client;
  private final List<ServerServiceDefinition> services;
  private final Access access;
  private final LeaderProbe leader;
  private final EndlessCalls endless = new EndlessCalls();
  private final Server inside;
  private final ManagedChannel channel;
  private final EtcdPages pages;

  private EtcdGateway(Surroundings around, QuorateClient client) {
    this.client = client;
    ResponseHeaders headers = new ResponseHeaders(client.placement(), around.member());
    this.access = new Access(client, around.key().isPresent());
    WaitingLine line = new WaitingLine(client);
    this.leader = new LeaderProbe(client);
    this.services = Stream.<BindableService>of(
            new KvService(client, headers),
            new WatchService(client, headers, access, around.progressEvery()),
            new LeaseService(client, headers),
            new LockService(client, headers, line),
            new ElectionService(client, headers, line),
            new ClusterService(client, headers, around.tls() ? "https" : "http"),
            new MaintenanceService(client, headers),
            new AuthService(client, headers, access),
            new HealthService(around.trouble()))
        .map(service -> access.isOpen()
            ? ServerInterceptors.interceptForward(service, endless, leader)
            : ServerInterceptors.interceptForward(service, endless, leader, new AccessGate(access)))
        .toList();
    this.pages = new EtcdPages(client, around.trouble(), around.metrics());
    String name = InProcessServerBuilder.generateName();
    InProcessServerBuilder server = InProcessServerBuilder.forName(name).directExecutor();
    services.forEach(server::addService);
    around
        .key()
        .ifPresent(key -> server.intercept(Callers.proving(key, /* certificates= */ false)));
    try {
      this.inside = server.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.channel = InProcessChannelBuilder.forName(name)
        .directExecutor()
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  /**
   * Where a gateway runs.
   *
   * @param member who answers, in headers: a store's id
   * @param tls whether clients reach the members by TLS
   * @param key of the cluster; absent: callers are not asked who they are
   * @param progressEvery how often an idle watch that wants progress is told of it
   * @param trouble what is wrong with the process although it goes on, in one line; empty if nothing is
   * @param metrics what a scrape is answered with, in the Prometheus text format; absent: there are none
   */
  public record Surroundings(
      long member,
      boolean tls,
      Optional<ClusterKey> key,
      Duration progressEvery,
      Supplier<String> trouble,
      Optional<Supplier<String>> metrics) {}

  /** A gateway to the cluster of the placement drivers that the configuration names. */
  public static EtcdGateway open(ClientConfig config, Surroundings around) {
    QuorateClient client = QuorateClient.open(config);
    try {
      return new EtcdGateway(around, client);
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  /** To be served on the port for clients. */
  public List<ServerServiceDefinition> services() {
    return services;
  }

  /** The handler of one HTTP/1.1 connection on that port. */
  public HttpConnection http() {
    return new HttpConnection(channel, pages);
  }

  /** The keys of a lease, in whatever regions they lie. */
  public CompletableFuture<List<Bytes>> leaseKeys(long lease) {
    return access.keys(lease);
  }

  /** Streams that are open, and calls that wait for a turn. */
  public int openStreams() {
    return endless.open();
  }

  /** Tells streams and whoever waits for a turn that the process stops; before they would be cut. */
  public void endStreams() {
    endless.end();
  }

  /** Ends its client; calls in work fail as stopped. */
  @Override
  public void close() {
    leader.close();
    client.close();
    channel.shutdownNow();
    inside.shutdownNow();
  }
}
