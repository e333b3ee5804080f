package io.quorate.region.host;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/** Three stores in one process, with real logs, databases and connections between them. */
final class RegionCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long ANSWER_WITHIN_SECONDS = 15;

  final CountingOracle oracle = new CountingOracle();
  private final Path directory;
  private final UnaryOperator<RaftConfig> settings;
  private final Map<Long, Store> stores = new ConcurrentSkipListMap<>();
  private final Map<Long, Integer> ports = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();

  private record Store(StoreEngine engine, Server server) {}

  RegionCluster(Path directory) {
    this(directory, UnaryOperator.identity());
  }

  RegionCluster(Path directory, UnaryOperator<RaftConfig> settings) {
    this.directory = directory;
    this.settings = settings;
    for (long id = 1; id <= 3; id++) {
      start(id);
    }
  }

  void start(long id) {
    RaftConfig config = settings.apply(RaftConfig.defaults(42, id, 0)
        .withTimeouts(Duration.ofMillis(600), Duration.ofMillis(200), Duration.ofMillis(100)));
    StoreEngine engine = StoreEngine.open(
        StoreEngineConfig.defaults(),
        new StoreId(id),
        directory.resolve("store-" + id),
        new EngineParts(
            database -> RaftHost.open(
                config,
                database,
                store -> Optional.ofNullable(ports.get(store)).map(port -> "127.0.0.1:" + port),
                address -> NettyChannelBuilder.forTarget(address).usePlaintext().build(),
                new SimpleMeterRegistry()),
            highest -> oracle,
            PermissionHook.ALLOW_ALL,
            new Silent(),
            ApplyHook.NONE,
            new SimpleMeterRegistry()));
    try {
      Server server = NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.getOrDefault(id, 0)))
          .directExecutor()
          .maxInboundMessageSize(config.maxMessageBytes())
          .addService(engine.raft().transportService())
          .build()
          .start();
      ports.put(id, server.getPort());
      engine.start();
      stores.put(id, new Store(engine, server));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void stop(long id) {
    Store store = stores.remove(id);
    if (store != null) {
      store.server().shutdownNow();
      store.engine().close();
    }
  }

  StoreEngine engine(long id) {
    Store store = stores.get(id);
    if (store == null) {
      throw new IllegalStateException("store " + id + " does not run");
    }
    return store.engine();
  }

  void create(RegionDescriptor region, long preferred) {
    stores.forEach((id, store) -> store.engine().createRegion(region, id == preferred));
    leader(region.id());
  }

  /** Waits until a replica says that it leads. */
  RegionHost leader(RegionId region) {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .atMost(PATIENCE)
        .until(() -> findLeader(region), Optional::isPresent)
        .orElseThrow();
  }

  private Optional<RegionHost> findLeader(RegionId region) {
    return stores.values().stream()
        .flatMap(store -> store.engine().region(region).stream())
        .filter(RegionHost::leading)
        .findFirst();
  }

  /** Waits until the replica that leads can be named: it may be about to lose the lead. */
  long leaderStore(RegionId region) {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .atMost(PATIENCE)
        .until(() -> findLeader(region).flatMap(RegionHost::leader), Optional::isPresent)
        .orElseThrow()
        .store()
        .value();
  }

  /** Sends once, to whoever leads now. */
  Response once(RegionId region, Request.Builder body) {
    RegionHost host = leader(region);
    CompletableFuture<Response> answer = new CompletableFuture<>();
    Request request = body.setRequestId(requests.incrementAndGet())
        .setRegionId(region.value())
        .setEpoch(Wire.epoch(host.descriptor().epoch()))
        .setTimeoutMs(5000)
        .build();
    host.handle(new RegionRequest(request, "", 0, 1), answer::complete);
    try {
      return answer.get(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer to " + request, e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Sends until it is done; an indeterminate answer is repeated too. */
  Response send(RegionId region, Request.Builder body) {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .atMost(PATIENCE)
        .until(() -> once(region, body), answer -> !answer.hasRegionError());
  }

  Map<Long, StoreEngine> engines() {
    Map<Long, StoreEngine> engines = new TreeMap<>();
    stores.forEach((id, store) -> engines.put(id, store.engine()));
    return engines;
  }

  @Override
  public void close() {
    engines().keySet().forEach(this::stop);
  }

  private static final class Silent implements RegionListener {
    @Override
    public void onChanged(RegionHost region) {}

    @Override
    public void onFailed(RegionHost region, String reason) {}
  }
}
