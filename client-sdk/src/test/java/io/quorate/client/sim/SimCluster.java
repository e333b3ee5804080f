package io.quorate.client.sim;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.quorate.client.ClientConfig;
import io.quorate.client.route.Route;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One fake PD and some fake stores around one keyspace, cut into regions that tests move about. */
public final class SimCluster implements AutoCloseable {
  public static final long CLUSTER_ID = 77;

  /** A region as it really is; what clients believe is their affair. */
  public record Region(RegionDescriptor descriptor, Optional<Peer> leader, long term) {}

  private final SimKeyspace keyspace = new SimKeyspace();
  private final SimTransactions transactions = new SimTransactions(keyspace);
  private final SimPlacement placement;
  private final Map<Long, SimStore> stores = new TreeMap<>();
  private final Map<Long, Region> regions = new TreeMap<>();
  private long lastRegion;

  /** Starts the processes; the keyspace is cut at the keys, leaders are spread. */
  public SimCluster(int storeCount, String... splitKeys) {
    placement = new SimPlacement(this);
    for (long id = 1; id <= storeCount; id++) {
      stores.put(id, new SimStore(this, id));
    }
    Bytes start = Bytes.EMPTY;
    for (String key : splitKeys) {
      addRegion(KeyRange.of(start, Bytes.utf8(key)));
      start = Bytes.utf8(key);
    }
    addRegion(KeyRange.of(start, Bytes.EMPTY));
  }

  private void addRegion(KeyRange range) {
    long id = ++lastRegion;
    List<Peer> peers = new ArrayList<>();
    for (long store : stores.keySet()) {
      peers.add(Peer.voter(store, id * 100 + store));
    }
    Peer leader = peers.get((int) (id % peers.size()));
    regions.put(
        id,
        new Region(
            new RegionDescriptor(new RegionId(id), range, RegionEpoch.FIRST, peers),
            Optional.of(leader),
            1));
  }

  static Server serve(BindableService service, int port) {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
          .addService(service)
          .directExecutor()
          .build()
          .start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  SimTransactions transactions() {
    return transactions;
  }

  /** Locks that stand, in all regions. */
  public int locks() {
    return transactions.locks();
  }

  /** Decisions that are remembered, in all regions. */
  public int decisions() {
    return transactions.records();
  }

  public ClientConfig config() {
    return ClientConfig.of("127.0.0.1:" + placement.port());
  }

  public ClientConfig config(Duration timeout) {
    return config().withTimeouts(timeout, Duration.ofMillis(300));
  }

  public SimKeyspace keyspace() {
    return keyspace;
  }

  public SimPlacement placement() {
    return placement;
  }

  public SimStore store(long id) {
    return Optional.ofNullable(stores.get(id)).orElseThrow();
  }

  /** The store that leads the region of the key. */
  public SimStore leaderOf(String key) {
    return store(regionOf(Bytes.utf8(key)).leader().orElseThrow().store().value());
  }

  /** All stores that hold a replica of the key's region. */
  public List<SimStore> holdersOf(Bytes key) {
    return regionOf(key).descriptor().peers().stream()
        .map(peer -> store(peer.store().value()))
        .toList();
  }

  public synchronized Region regionOf(Bytes key) {
    return regions.values().stream()
        .filter(region -> region.descriptor().range().contains(key))
        .findFirst()
        .orElseThrow();
  }

  synchronized @Nullable Region region(long id) {
    return regions.get(id);
  }

  synchronized List<Region> regions(KeyRange range) {
    return regions.values().stream()
        .filter(region -> region.descriptor().range().overlaps(range))
        .sorted((a, b) ->
            a.descriptor().range().start().compareTo(b.descriptor().range().start()))
        .toList();
  }

  List<StoreDescriptor> storeDescriptors() {
    return stores.values().stream()
        .map(store -> new StoreDescriptor(
            new StoreId(store.id()),
            store.id() + 1000,
            "127.0.0.1:" + store.port(),
            "127.0.0.1:1",
            new HashMap<>(),
            StoreDescriptor.State.UP))
        .toList();
  }

  /** Makes another store lead; nobody is told. */
  public synchronized void moveLeader(String key, long store) {
    Region old = regionOf(Bytes.utf8(key));
    Peer leader = old.descriptor().peerOn(new StoreId(store)).orElseThrow();
    regions.put(
        old.descriptor().id().value(),
        new Region(old.descriptor(), Optional.of(leader), old.term() + 1));
  }

  public synchronized void loseLeader(String key) {
    Region old = regionOf(Bytes.utf8(key));
    regions.put(
        old.descriptor().id().value(), new Region(old.descriptor(), Optional.empty(), old.term()));
  }

  /** Cuts a region in two; both halves keep the leader's store; nobody is told. */
  public synchronized void split(String at) {
    Region parent = regionOf(Bytes.utf8(at));
    RegionDescriptor before = parent.descriptor();
    RegionEpoch epoch =
        new RegionEpoch(before.epoch().version() + 1, before.epoch().membership());
    regions.put(
        before.id().value(),
        new Region(
            new RegionDescriptor(
                before.id(),
                KeyRange.of(before.range().start(), Bytes.utf8(at)),
                epoch,
                before.peers()),
            parent.leader(),
            parent.term()));
    long child = ++lastRegion;
    List<Peer> peers = before.peers().stream()
        .map(peer -> Peer.voter(peer.store().value(), child * 100 + peer.store().value()))
        .toList();
    Optional<Peer> leader = parent
        .leader()
        .flatMap(old ->
            peers.stream().filter(peer -> peer.store().equals(old.store())).findFirst());
    regions.put(
        child,
        new Region(
            new RegionDescriptor(
                new RegionId(child),
                KeyRange.of(Bytes.utf8(at), before.range().end()),
                epoch,
                peers),
            leader,
            1));
  }

  public List<Route> routes() {
    return regions(KeyRange.ALL).stream()
        .map(region -> Route.of(region.descriptor(), region.leader().orElse(null), region.term()))
        .toList();
  }

  @Override
  public void close() {
    placement.close();
    stores.values().forEach(SimStore::close);
  }
}
