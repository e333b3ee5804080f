package io.quorate.embedded;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.auth.ClusterKey;
import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.QuorateClient;
import io.quorate.client.transport.Endpoint;
import io.quorate.model.Bytes;
import io.quorate.placement.node.PlacementConfig;
import io.quorate.placement.node.PlacementNode;
import io.quorate.placement.node.PlacementParts;
import io.quorate.store.ListenAddress;
import io.quorate.store.StoreAddresses;
import io.quorate.store.StoreConfig;
import io.quorate.store.StoreNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster in this JVM: real placement drivers and stores, real connections on the loopback interface, real disks.
 * Members and stores are numbered from 1 in the order they were asked for; PD numbers stores in the order they join, which
 * is the same.
 *
 * <p>Thread: start, stop and close block; they are not to be called at the same time for the same process.
 */
public final class EmbeddedCluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Builder plan;
  private final Path directory;
  private final boolean temporary;
  private final Map<Integer, String> pdAddresses = new TreeMap<>();
  private final Map<Integer, StoreAddresses> storeAddresses = new TreeMap<>();
  private final Map<Integer, PlacementNode> pds = new TreeMap<>();
  private final Map<Integer, StoreNode> stores = new TreeMap<>();
  private @Nullable QuorateClient client;

  /** What kind of cluster is wanted. Used by one thread. */
  public static final class Builder {
    private int stores = 3;
    private int pds = 1;
    private int replicas = 3;
    private List<Bytes> splitKeys = List.of();
    private PortPlan ports = PortPlan.anyFree();
    private Optional<Path> dataDir = Optional.empty();
    private Optional<ClusterKey> key = Optional.empty();
    private Duration readyTimeout = Duration.ofSeconds(60);
    private Supplier<? extends MeterRegistry> storeMeters = SimpleMeterRegistry::new;
    private UnaryOperator<StoreConfig> storeConfig = UnaryOperator.identity();
    private UnaryOperator<PlacementConfig> pdConfig = UnaryOperator.identity();

    private Builder() {}

    /** How many stores; 3 by default. */
    public Builder stores(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("a cluster needs at least one store");
      }
      stores = count;
      return this;
    }

    /** How many placement drivers: 1 (the default), 3 or 5. */
    public Builder pds(int count) {
      if (count != 1 && count != 3 && count != 5) {
        throw new IllegalArgumentException(
            "a cluster has 1, 3 or 5 placement drivers, not " + count);
      }
      pds = count;
      return this;
    }

    /** Replicas of each region, where there are so many stores; 3 by default. */
    public Builder replicas(int count) {
      replicas = count;
      return this;
    }

    /** Where the first regions are cut, in ascending order; not at all by default. */
    public Builder splitKeys(List<Bytes> keys) {
      splitKeys = List.copyOf(keys);
      return this;
    }

    /** As {@link #splitKeys(List)}, in UTF-8. */
    public Builder splitKeys(String... keys) {
      return splitKeys(SplitKeys.of(List.of(keys)));
    }

    /** Which ports are used; free ones by default. */
    public Builder ports(PortPlan plan) {
      ports = plan;
      return this;
    }

    /** Keeps the data here, and goes on with what is here; by default it is temporary and deleted at the end. */
    public Builder dataDir(Path directory) {
      dataDir = Optional.of(directory);
      return this;
    }

    /** What its processes know each other by; none by default, and then authentication cannot be enabled. */
    public Builder clusterKey(ClusterKey shared) {
      key = Optional.of(shared);
      return this;
    }

    /** How long the start may take until all regions serve; a minute by default. */
    public Builder readyTimeout(Duration timeout) {
      readyTimeout = timeout;
      return this;
    }

    /** Makes the registry for the meters of each store that starts; one that nobody reads by default. */
    public Builder storeMeters(Supplier<? extends MeterRegistry> registries) {
      storeMeters = registries;
      return this;
    }

    /** Changes the configuration of each store. */
    public Builder configureStores(UnaryOperator<StoreConfig> change) {
      storeConfig = change;
      return this;
    }

    /** Changes the configuration of each placement driver. */
    public Builder configurePds(UnaryOperator<PlacementConfig> change) {
      pdConfig = change;
      return this;
    }

    /** Starts it, and waits until all its regions serve. Nothing is left running if that fails. */
    public EmbeddedCluster start() {
      EmbeddedCluster cluster = new EmbeddedCluster(this);
      try {
        cluster.startAll();
        return cluster;
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  private EmbeddedCluster(Builder plan) {
    this.plan = plan;
    this.temporary = plan.dataDir.isEmpty();
    try {
      this.directory = temporary ? Files.createTempDirectory("quorate-") : plan.dataDir.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Integer> free = plan.ports.base() == 0 ? FreePorts.take(plan.pds) : List.of();
    for (int member = 1; member <= plan.pds; member++) {
      int port = free.isEmpty() ? plan.ports.pd(member) : free.get(member - 1);
      pdAddresses.put(member, HOST + ":" + port);
    }
  }

  private void startAll() {
    Together.run(pdAddresses.keySet(), this::startPd);
    for (int store = 1; store <= plan.stores; store++) {
      startStore(store);
    }
    awaitReady(plan.readyTimeout);
  }

  /** Starts a placement driver that does not run. */
  public void startPd(int member) {
    Map<Long, String> members = new TreeMap<>();
    if (plan.pds > 1) {
      pdAddresses.forEach((id, address) -> members.put((long) id, address));
    }
    PlacementConfig config = PlacementConfig.defaults(directory.resolve("pd-" + member))
        .withMember(member, pdAddress(member), "", members)
        .withBootstrap(plan.stores, plan.splitKeys, plan.replicas);
    PlacementNode node = PlacementNode.start(
        plan.pdConfig.apply(config), PlacementParts.plaintext(new SimpleMeterRegistry(), plan.key));
    synchronized (this) {
      pds.put(member, node);
    }
  }

  /** Starts a store that does not run; one with a number never used before joins the cluster. */
  public synchronized void startStore(int store) {
    StoreAddresses addresses = storeAddresses.computeIfAbsent(
        store,
        number -> StoreAddresses.of(
            new ListenAddress(HOST, plan.ports.storeClients(number)),
            new ListenAddress(HOST, plan.ports.storePeers(number))));
    StoreConfig config = StoreConfig.defaults(
            addresses, Endpoint.parseList(pdAddresses()), directory.resolve("store-" + store))
        .withKey(plan.key);
    StoreNode node = StoreNode.start(plan.storeConfig.apply(config), plan.storeMeters.get());
    stores.put(store, node);
    // A restart takes the ports it had, as a real process would.
    storeAddresses.put(
        store,
        StoreAddresses.of(
            ListenAddress.parse(node.clientAddress()), ListenAddress.parse(node.peerAddress())));
  }

  /** Stops a store cleanly. */
  public synchronized void stopStore(int store) {
    StoreNode node = stores.remove(store);
    if (node != null) {
      node.close();
    }
  }

  /** Stops a store as a kill would: nothing is handed over or answered. */
  public synchronized void killStore(int store) {
    StoreNode node = stores.remove(store);
    if (node != null) {
      node.kill();
    }
  }

  /** Stops a placement driver. */
  public synchronized void stopPd(int member) {
    PlacementNode node = pds.remove(member);
    if (node != null) {
      node.close();
    }
  }

  /** The store's node, if it runs. */
  public synchronized Optional<StoreNode> store(int store) {
    return Optional.ofNullable(stores.get(store));
  }

  /** Waits until every region answers a linearizable read. */
  public void awaitReady(Duration timeout) {
    new ReadinessLoop(pdAddresses(), plan.key.map(Credentials::system)).await(timeout);
  }

  /** What clients are given: addresses of all placement drivers, separated by commas. */
  public String pdAddresses() {
    return String.join(",", pdAddresses.values());
  }

  public String pdAddress(int member) {
    return Optional.ofNullable(pdAddresses.get(member)).orElseThrow();
  }

  public synchronized String storeAddress(int store) {
    return Optional.ofNullable(storeAddresses.get(store)).orElseThrow().client().toString();
  }

  public synchronized String storePeerAddress(int store) {
    return Optional.ofNullable(storeAddresses.get(store)).orElseThrow().peer().toString();
  }

  /** A client of this cluster, shared by all callers and closed with it; with a key it may do everything. */
  public synchronized QuorateClient client() {
    QuorateClient shared = client;
    if (shared == null) {
      ClientConfig anybody = ClientConfig.of(pdAddresses());
      shared = QuorateClient.open(
          plan.key.map(Credentials::system).map(anybody::withCredentials).orElse(anybody));
      client = shared;
    }
    return shared;
  }

  /** Stops everything, and deletes the data if it is temporary. */
  @Override
  public synchronized void close() {
    QuorateClient shared = client;
    client = null;
    if (shared != null) {
      shared.close();
    }
    // There is nobody left to hand leaderships to.
    List<StoreNode> running = List.copyOf(stores.values());
    stores.clear();
    Together.run(running, StoreNode::kill);
    List<PlacementNode> drivers = List.copyOf(pds.values());
    pds.clear();
    Together.run(drivers, PlacementNode::close);
    if (temporary) {
      delete(directory);
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      List<Path> all = new ArrayList<>(files.collect(Collectors.toList()));
      for (int i = all.size() - 1; i >= 0; i--) {
        Files.deleteIfExists(all.get(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
