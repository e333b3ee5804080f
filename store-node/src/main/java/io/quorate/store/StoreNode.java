package io.quorate.store;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.QuorateClient;
import io.quorate.client.placement.AuthView;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.SystemTokens;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.ListenerTls;
import io.quorate.client.transport.TransportConfig;
import io.quorate.gateway.EtcdGateway;
import io.quorate.gateway.http.HttpPort;
import io.quorate.gateway.http.LateHttp;
import io.quorate.model.StoreDescriptor;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.host.ApplyHook;
import io.quorate.region.host.EngineParts;
import io.quorate.region.host.PermissionHook;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.RegionListener;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.host.StoreEngineConfig;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store process: puts its parts together, and takes them apart again in the reverse order.
 *
 * <p>Thread: start and close on the owner's thread, which they block; everything in between runs on the parts' threads.
 */
public final class StoreNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreNode.class);

  /** etcd's own default of --experimental-watch-progress-notify-interval. */
  private static final Duration WATCH_PROGRESS = Duration.ofMinutes(10);

  private final StoreConfig config;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final LateHttp http = new LateHttp();
  private final ListenerHost clients;
  private final ListenerHost peers;
  private final StoreIdentity identity;
  private final StoreEngine engine;
  private final AccessGuard guard;
  private final ExchangeService exchange;
  private final WatchService watches;
  private final HeartbeatLoop beats;
  private final StoreHealth health;
  private boolean closed;

  /** Hears of the regions before the heartbeats exist that shall tell PD. */
  private static final class Announcer implements RegionListener {
    private volatile @Nullable HeartbeatLoop heartbeats;

    @Override
    public void onChanged(RegionHost region) {
      HeartbeatLoop to = heartbeats;
      if (to != null) {
        to.changed(region.descriptor().id());
      }
    }

    @Override
    public void onFailed(RegionHost region, String reason) {
      LOG.error(
          "region={} epoch={} stopped on this store: {}",
          region.descriptor().id(),
          region.descriptor().epoch(),
          reason);
      onChanged(region);
    }
  }

  /**
   * Starts a store: opens its data directory, binds its ports, joins the cluster (a new directory makes a new store), and
   * serves the regions it holds. Waits for a placement driver as long as the configuration says.
   *
   * @throws StoreStartException if it cannot start, in one line with what to do; nothing is left running then
   */
  public static StoreNode start(StoreConfig config) {
    return start(config, new SimpleMeterRegistry());
  }

  /** As {@link #start(StoreConfig)}, with its meters bound to the registry. */
  public static StoreNode start(StoreConfig config, MeterRegistry metrics) {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      return new StoreNode(config, metrics, opened);
    } catch (RuntimeException e) {
      closeAll(opened);
      throw e;
    }
  }

  private StoreNode(StoreConfig config, MeterRegistry metrics, Deque<AutoCloseable> opened) {
    this.config = config;
    IdentityStore directory = IdentityStore.open(config.dataDir());
    opened.push(directory);
    StoreIdentity known = directory.read().orElseGet(() -> newcomer(directory));

    clients = ListenerHost.bind(
        config.addresses().client(),
        "--listen",
        config
            .security()
            .clients()
            .map(tls -> HttpPort.tls(tls, http))
            .orElseGet(() -> HttpPort.plaintext(http)),
        config.limits().messageBytes(),
        new NetworkBytes(metrics, "clients"),
        ClusterGates.ofClients(config.key(), config.security().clients()));
    opened.push(clients);
    peers = ListenerHost.bind(
        config.addresses().peer(),
        "--peer-listen",
        ListenerTls.credentials(config.security().peers()),
        peerMessageBytes(),
        new NetworkBytes(metrics, "peers"),
        ClusterGates.ofPeers(config.key()));
    opened.push(peers);
    ChannelFactory channels = new ChannelFactory(transport(config), "store-io");
    config.key().ifPresent(key -> channels.authenticate(new SystemTokens(key)));
    opened.push(channels);
    PlacementClient placement = PlacementClient.connect(placementConfig(config, known), channels);
    opened.push(placement);
    identity = new JoinClient(placement, config).join(known, descriptor(known));
    if (!identity.equals(known)) {
      directory.write(identity);
    }

    AddressBook addresses = new AddressBook();
    Announcer announcer = new Announcer();
    engine = openEngine(directory, placement, channels, addresses, announcer, metrics);
    opened.push(engine);
    health = new StoreHealth(engine.database(), engine::failures);
    guard = new AccessGuard(
        new EngineDispatch(engine),
        config.key().map(key -> new AuthView(placement, System::nanoTime)));
    exchange = new ExchangeService(new EnvelopeCheck(identity), guard, config.limits());
    watches = new WatchService(new EnvelopeCheck(identity), guard, engine::connect);
    StoreMetrics.bind(metrics, engine, exchange, watches);
    beats = startServing(placement, addresses, announcer, metrics, opened);
    parts.addAll(opened);
    LOG.info(
        "store={} cluster={} incarnation={} regions={} clients={} peers={} data={} ready",
        identity.store(),
        EnvelopeCheck.hex(identity.clusterId()),
        EnvelopeCheck.hex(identity.incarnation()),
        engine.regions().size(),
        clientAddress(),
        peerAddress(),
        config.dataDir());
  }

  private static StoreIdentity newcomer(IdentityStore directory) {
    long incarnation;
    do {
      incarnation = new SecureRandom().nextLong();
    } while (incarnation == 0);
    StoreIdentity identity = StoreIdentity.unjoined(incarnation);
    // Written before PD hears of it: if the process dies in between, it is the same newcomer again.
    directory.write(identity);
    return identity;
  }

  /** Asked before it is known who this store is, on which it does not depend. */
  private static int peerMessageBytes() {
    return RaftConfig.defaults(1, 1, 1).maxMessageBytes();
  }

  private static TransportConfig transport(StoreConfig config) {
    TransportConfig plain = TransportConfig.defaults();
    return config.security().outbound().map(plain::withTls).orElse(plain);
  }

  private static PlacementClientConfig placementConfig(StoreConfig config, StoreIdentity known) {
    return PlacementClientConfig.defaults(config.pd(), known.incarnation())
        .withTimeouts(config.oracleTimeout(), config.oracleTimeout().dividedBy(3));
  }

  private StoreDescriptor descriptor(StoreIdentity known) {
    return new StoreDescriptor(
        known.store(),
        known.incarnation(),
        clientAddress(),
        peerAddress(),
        config.labels(),
        StoreDescriptor.State.UP);
  }

  private StoreEngine openEngine(
      IdentityStore directory,
      PlacementClient placement,
      ChannelFactory channels,
      AddressBook addresses,
      RegionListener listener,
      MeterRegistry metrics) {
    EngineParts engineParts = new EngineParts(
        database -> raftHost(database, channels, addresses, metrics),
        highestRevision -> new PlacementOracle(placement.oracle(), highestRevision),
        PermissionHook.ALLOW_ALL,
        listener,
        ApplyHook.NONE,
        metrics);
    return StoreEngine.open(
        engineConfig(config), identity.store(), directory.database(), engineParts);
  }

  private RaftHost raftHost(
      RaftDatabase database,
      ChannelFactory channels,
      AddressBook addresses,
      MeterRegistry metrics) {
    RaftConfig raft = RaftConfig.defaults(
            identity.clusterId(), identity.store().value(), identity.incarnation())
        .withTimeouts(
            config.raft().electionTimeout(),
            config.raft().electionTimeout().dividedBy(2),
            config.raft().heartbeat());
    return RaftHost.open(
        raft,
        database,
        addresses,
        hostPort -> channels.open(Endpoint.parse(hostPort)).channel(),
        metrics);
  }

  private static StoreEngineConfig engineConfig(StoreConfig config) {
    StoreEngineConfig defaults = StoreEngineConfig.defaults();
    return new StoreEngineConfig(
        defaults.region(),
        defaults.regionThreads(),
        defaults.readerThreads(),
        defaults.maxQueuedReads(),
        defaults.store().withCacheBytes(config.cacheBytes()),
        defaults.tick(),
        config.moves(),
        defaults.cleaning(),
        defaults.merges(),
        defaults.leases().withGrace(config.raft().electionTimeout()),
        defaults.watch(),
        defaults.resolveEvery());
  }

  private HeartbeatLoop startServing(
      PlacementClient placement,
      AddressBook addresses,
      Announcer announcer,
      MeterRegistry metrics,
      Deque<AutoCloseable> opened) {
    peers.serve(engine.raft().transportService());
    OrderLoop[] orders = new OrderLoop[1];
    HeartbeatLoop heartbeats = new HeartbeatLoop(
        config,
        identity,
        engine,
        addresses,
        answer -> {
          engine.history().target(answer.getFloor());
          orders[0].take(answer.getOrdersList());
        },
        this::stopIfItCannotAsk);
    SplitLoop splits = new SplitLoop(config.split(), engine, placement);
    orders[0] = new OrderLoop(identity.store(), engine, splits, heartbeats::beatFull);
    opened.push(heartbeats);
    opened.push(splits);
    LeaseReaperLoop leases = new LeaseReaperLoop(engine, () -> QuorateClient.open(self()));
    opened.push(leases);
    LockReaperLoop locks = new LockReaperLoop(engine, leases::client);
    opened.push(locks);
    opened.push(orders[0]);
    announcer.heartbeats = heartbeats;
    engine.start();
    clients.serve(exchange);
    clients.serve(watches);
    serveEtcd(metrics, opened);
    heartbeats.start(placement);
    splits.start();
    leases.start();
    locks.start();
    return heartbeats;
  }

  /** Without the key nobody could be asked who he is, while the rest of the cluster may do so. */
  private void stopIfItCannotAsk(String why) {
    if (config.key().isEmpty()) {
      health.fail("the placement drivers have a key and this store has none: " + why);
    }
  }

  private void serveEtcd(MeterRegistry metrics, Deque<AutoCloseable> opened) {
    Optional<Supplier<String>> scrape = metrics instanceof PrometheusMeterRegistry registry
        ? Optional.of(registry::scrape)
        : Optional.empty();
    EtcdGateway gateway = EtcdGateway.open(
        self(),
        new EtcdGateway.Surroundings(
            identity.store().value(),
            config.security().clients().isPresent(),
            config.key(),
            WATCH_PROGRESS,
            health::detail,
            scrape));
    opened.push(gateway);
    StoreMetrics.bind(metrics, gateway);
    guard.findLeaseKeysBy(gateway::leaseKeys);
    gateway.services().forEach(clients::serve);
    clients.onStop(gateway::endStreams);
    http.serve(gateway::http);
  }

  /** How it asks other stores what any client may ask. */
  private ClientConfig self() {
    ClientConfig plain = ClientConfig.of(config.pd())
        .withClusterId(identity.clusterId())
        .withNearStore(identity.store().value())
        .withTransport(transport(config));
    return config
        .key()
        .map(key -> plain.withCredentials(Credentials.system(key)))
        .orElse(plain);
  }

  /** Who this store is. */
  public StoreIdentity identity() {
    return identity;
  }

  /** Where clients find it. */
  public String clientAddress() {
    return config.addresses().announcedClient(clients.port()).toString();
  }

  /** Where other stores find it. */
  public String peerAddress() {
    return config.addresses().announcedPeer(peers.port()).toString();
  }

  /** Its regions, for tests and for a host in the same process. */
  public StoreEngine engine() {
    return engine;
  }

  /** Completes with the reason once its disk has failed, or it can be no part of its cluster: it must be closed then. */
  public CompletableFuture<String> failure() {
    return health.failure();
  }

  /** What is wrong although the store goes on, in one line; empty if nothing is. */
  public String trouble() {
    return health.detail();
  }

  /** Regions that it leads now. */
  public int ledRegions() {
    return engine.led().size();
  }

  /**
   * Stops cleanly: hands leaderships over, answers what is in work, then closes everything; in bounded time. What it had
   * not answered by then is of unknown outcome to its clients.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    long begun = System.nanoTime();
    beats.stopping();
    new LeadershipHandoverLoop(engine, identity.store())
        .run(config.shutdownTimeout().dividedBy(2));
    exchange.closeWhenIdle();
    watches.close();
    Duration grace = config.shutdownTimeout().dividedBy(4);
    clients.close(grace);
    closeAll(parts);
    LOG.info(
        "store={} stopped in {} ms", identity.store(), (System.nanoTime() - begun) / 1_000_000);
  }

  /** As a kill of the process would: nothing is handed over or answered. For tests. */
  public synchronized void kill() {
    if (!closed) {
      closed = true;
      clients.close();
      peers.close();
      closeAll(parts);
    }
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        // The rest must be closed all the same.
        LOG.warn("a part did not close", e);
      }
    }
  }
}
