package io.quorate.placement.registry;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.FoundingRegion;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.LocatedRegion;
import io.quorate.proto.LookupRegionsResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RegionBeat;
import io.quorate.proto.RegionOrder;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.StoreStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leading member's soft state and the streams that feed on it: heartbeats in, orders and region changes out. Owned by
 * the node; a member that does not lead holds streams open and answers NOT_LEADER.
 *
 * <p>Thread: any; all state is guarded by this object. Streams are written to under the lock: their writes never block.
 */
public final class RegistryHost {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryHost.class);
  private static final int WATCH_REGIONS_PER_MESSAGE = 500;

  private final Supplier<ClusterImage> image;
  private final Supplier<PlacementError> notLeader;
  private final LongSupplier nanoTime;
  private final RegistryLimits limits;
  private final PlacementMetrics metrics;

  private long term;
  private @Nullable HeartbeatBook book;
  private Map<StoreId, StoreDescriptor> storesTold = Map.of();
  private final Map<StoreId, StoreLine> lines = new HashMap<>();
  private final IdentityHashMap<ReplySink<RegionsChanged>, Watcher> watchers =
      new IdentityHashMap<>();
  /** Shapes that beats told of and the log does not know yet: the newest per region. */
  private final Map<RegionId, RegionDescriptor> unrecorded = new LinkedHashMap<>();

  private final Map<StoreId, StoreDescriptor.State> liveness = new HashMap<>();
  private OrderSource source = OrderSource.NONE;

  /** The stream over which a store beats, and the stores it was told of. */
  private static final class StoreLine {
    private final ReplySink<HeartbeatResponse> sink;
    private Map<StoreId, StoreDescriptor> told = Map.of();

    StoreLine(ReplySink<HeartbeatResponse> sink) {
      this.sink = sink;
    }
  }

  private static final class Watcher {
    private final WatchBuffer buffer;
    private Map<StoreId, StoreDescriptor> told = Map.of();

    Watcher(WatchBuffer buffer) {
      this.buffer = buffer;
    }
  }

  /**
   * @param image the newest applied image
   * @param notLeader what a member that does not lead answers
   * @param nanoTime monotonic
   */
  public RegistryHost(
      Supplier<ClusterImage> image,
      Supplier<PlacementError> notLeader,
      LongSupplier nanoTime,
      RegistryLimits limits,
      PlacementMetrics metrics) {
    this.image = image;
    this.notLeader = notLeader;
    this.nanoTime = nanoTime;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** From now on orders come from there. */
  public synchronized void obey(OrderSource orders) {
    source = orders;
  }

  public synchronized void onLeading(long newTerm) {
    if (book != null && term >= newTerm) {
      return;
    }
    term = newTerm;
    book = new HeartbeatBook(
        image.get(), nanoTime.getAsLong(), limits.vacancyPatience().toNanos());
    storesTold = image.get().stores();
    unrecorded.clear();
    liveness.clear();
  }

  public synchronized boolean isLeading() {
    return book != null;
  }

  public synchronized void onLeadershipLost(long oldTerm) {
    if (book == null || term > oldTerm) {
      return;
    }
    book = null;
    unrecorded.clear();
    PlacementError error = notLeader.get();
    lines
        .values()
        .forEach(line ->
            line.sink.send(HeartbeatResponse.newBuilder().setError(error).build()));
    lines.clear();
    for (ReplySink<RegionsChanged> sink : List.copyOf(watchers.keySet())) {
      sink.send(RegionsChanged.newBuilder().setError(error).build());
      sink.complete();
    }
    watchers.clear();
  }

  /** The image changed: new regions are listed, their stores ordered to seed them, changed stores made known. */
  public synchronized void onImage() {
    if (book == null) {
      return;
    }
    ClusterImage now = image.get();
    List<HeardRegion> absorbed = book.absorb(now);
    unrecorded.values().removeIf(shape -> shape.equals(now.regions().get(shape.id())));
    if (absorbed.isEmpty() && now.stores().equals(storesTold)) {
      return;
    }
    storesTold = now.stores();
    lines.forEach((store, line) -> line.sink.send(response(now, store, line).build()));
    watchers.values().forEach(watcher -> absorbed.forEach(watcher.buffer::offer));
    pumpAll();
  }

  /** Takes in one beat and answers it. The envelope was judged before. */
  public synchronized void beat(ReplySink<HeartbeatResponse> sink, HeartbeatRequest request) {
    if (book == null) {
      sink.send(HeartbeatResponse.newBuilder().setError(notLeader.get()).build());
      return;
    }
    StoreId store = new StoreId(request.getEnvelope().getFromStore());
    long now = nanoTime.getAsLong();
    book.hear(store, request.getStore(), held(request), request.getFull(), now);
    book.hearDamaged(store, damaged(request));
    metrics.storeBeat();
    List<RegionOrder> orders = new ArrayList<>();
    int refused = 0;
    boolean moved = false;
    for (RegionBeat beat : request.getRegionsList()) {
      HeardRegion before =
          book.region(new RegionId(beat.getRegion().getRegionId())).orElse(null);
      HeardRegion region = HeardRegion.of(beat, before, now);
      List<RegionDescriptor> born =
          beat.getBornList().stream().map(Wire::region).toList();
      HeartbeatBook.Verdict verdict = book.hear(region, born, now);
      if (verdict instanceof HeartbeatBook.Verdict.Accepted accepted) {
        moved |= accepted.moved() || !accepted.others().isEmpty();
        book.ended(beat.getEndedRegionsList());
        note(region, accepted.moved());
        accepted.others().forEach(other -> note(other, true));
        orders.addAll(source.heard(store, region));
      } else if (verdict instanceof HeartbeatBook.Verdict.Refused stale) {
        refused++;
        LOG.debug("{}: heartbeat of store {} refused", stale.why(), store);
      }
    }
    metrics.regionBeats(request.getRegionsCount() - refused, refused);
    StoreLine line = lines.get(store);
    if (line == null || line.sink != sink) {
      line = new StoreLine(sink);
      lines.put(store, line);
    }
    sink.send(response(image.get(), store, line).addAllOrders(orders).build());
    if (moved) {
      pumpAll();
    }
  }

  private static Map<RegionId, Long> damaged(HeartbeatRequest request) {
    Map<RegionId, Long> damaged = new HashMap<>();
    request
        .getDamagedList()
        .forEach(
            replica -> damaged.put(new RegionId(replica.getRegionId()), replica.getReplicaId()));
    return damaged;
  }

  /** The replicas that the beat shows to be on the store. */
  private static Map<RegionId, Long> held(HeartbeatRequest request) {
    Map<RegionId, Long> held = new HashMap<>();
    for (int i = 0; i < request.getHeldRegionsCount(); i++) {
      long replica = i < request.getHeldReplicasCount() ? request.getHeldReplicas(i) : 0;
      held.put(new RegionId(request.getHeldRegions(i)), replica);
    }
    request
        .getRegionsList()
        .forEach(beat -> held.put(
            new RegionId(beat.getRegion().getRegionId()), beat.getLeader().getReplicaId()));
    return held;
  }

  private void note(HeardRegion region, boolean moved) {
    RegionDescriptor shape = region.descriptor();
    if (!shape.equals(image.get().regions().get(shape.id()))) {
      unrecorded.put(shape.id(), shape);
    }
    if (moved) {
      watchers.values().forEach(watcher -> watcher.buffer.offer(region));
    }
  }

  /** The store's stream ended. */
  public synchronized void hangUp(ReplySink<HeartbeatResponse> sink) {
    lines.values().removeIf(line -> line.sink == sink);
  }

  /** Starts telling a watcher: all regions, then what changes. */
  public synchronized void watch(ReplySink<RegionsChanged> sink) {
    PlacementError refusal = null;
    if (book == null) {
      refusal = notLeader.get();
    } else if (watchers.size() >= limits.watchersMax()) {
      refusal = PlacementError.newBuilder()
          .setCode(PlacementError.Code.BUSY)
          .setMessage(watchers.size() + " watch the regions already: look them up instead")
          .build();
    }
    if (refusal != null) {
      sink.send(RegionsChanged.newBuilder().setError(refusal).build());
      sink.complete();
      return;
    }
    watchers.put(sink, new Watcher(new WatchBuffer(limits.watchPendingMax())));
    onReady(sink);
  }

  public synchronized void unwatch(ReplySink<RegionsChanged> sink) {
    watchers.remove(sink);
  }

  /** The watcher keeps up again. */
  public synchronized void onReady(ReplySink<RegionsChanged> sink) {
    Watcher watcher = watchers.get(sink);
    if (watcher != null && book != null) {
      pump(sink, watcher, book);
    }
  }

  private void pumpAll() {
    if (book != null) {
      HeartbeatBook open = book;
      // A copy: a stream that turns out to be gone leaves the map while it is walked.
      Map.copyOf(watchers).forEach((sink, watcher) -> pump(sink, watcher, open));
    }
  }

  private void pump(ReplySink<RegionsChanged> sink, Watcher watcher, HeartbeatBook open) {
    while (sink.isReady()) {
      List<HeardRegion> regions = watcher.buffer.next(open, WATCH_REGIONS_PER_MESSAGE);
      ClusterImage now = image.get();
      boolean storesChanged = !watcher.told.equals(now.stores());
      if (regions.isEmpty() && !storesChanged) {
        return;
      }
      RegionsChanged.Builder message = RegionsChanged.newBuilder();
      regions.forEach(region -> message.addRegions(region.toWire()));
      if (storesChanged) {
        watcher.told = now.stores();
        now.stores().values().forEach(store -> message.addStores(Wire.store(store)));
      }
      sink.send(message.build());
    }
  }

  private HeartbeatResponse.Builder response(ClusterImage now, StoreId store, StoreLine line) {
    HeartbeatResponse.Builder response = HeartbeatResponse.newBuilder()
        .setFeatureLevel(now.featureLevel())
        .setCompacted(now.marks().compacted())
        .setFloor(now.floor());
    if (book != null && book.wasHeard(store)) {
      for (FoundingRegion missing : book.missing(now, store, limits.ordersMax())) {
        response.addOrders(RegionOrder.newBuilder()
            .setCreate(RegionOrder.CreateRegion.newBuilder()
                .setRegion(Wire.region(missing.descriptor()))
                .setPreferredLeaderStore(missing.preferredLeader().value())));
      }
      addDestroyOrders(book, store, response);
    }
    if (!line.told.equals(now.stores())) {
      line.told = now.stores();
      now.stores().values().forEach(known -> response.addStores(Wire.store(known)));
    }
    return response;
  }

  private void addDestroyOrders(
      HeartbeatBook open, StoreId store, HeartbeatResponse.Builder response) {
    long age = limits.staleReplicaAge().toNanos();
    for (HeartbeatBook.Stale stale :
        open.stale(store, age, limits.ordersMax(), nanoTime.getAsLong())) {
      if (!source.isExpected(stale.region(), store)) {
        RegionOrder.DestroyReplica.Builder destroy = RegionOrder.DestroyReplica.newBuilder()
            .setRegionId(stale.region().value())
            .setReplicaId(stale.replica())
            .setMerged(stale.epoch().isEmpty());
        stale.epoch().ifPresent(epoch -> destroy.setEpoch(Wire.epoch(epoch)));
        response.addOrders(RegionOrder.newBuilder().setDestroy(destroy));
      }
    }
  }

  /** Sends orders over the store's stream; false if it has none. */
  public synchronized boolean order(StoreId store, List<RegionOrder> orders) {
    StoreLine line = lines.get(store);
    if (line == null) {
      return false;
    }
    line.sink.send(response(image.get(), store, line).addAllOrders(orders).build());
    return true;
  }

  /** What was heard so far; empty if this member does not lead. */
  public synchronized Optional<HeardCluster> heard() {
    HeartbeatBook open = book;
    if (open == null) {
      return Optional.empty();
    }
    long now = nanoTime.getAsLong();
    List<HeardCluster.HeardStore> stores = new ArrayList<>();
    image.get().stores().values().forEach(store -> {
      StoreDescriptor.State silent = limits.liveness().judge(open.silence(store.id(), now));
      boolean unheard = silent == StoreDescriptor.State.UP && !open.wasHeard(store.id());
      stores.add(new HeardCluster.HeardStore(
          store, unheard ? StoreDescriptor.State.DISCONNECTED : silent, open.stats(store.id())));
    });
    return Optional.of(
        new HeardCluster(stores, open.regions(), open.damaged(), open.openedNanos(), now));
  }

  public synchronized Optional<HeardRegion> region(RegionId id) {
    return book == null ? Optional.empty() : book.region(id);
  }

  /** The regions that overlap the range, in key order, at most so many. */
  public synchronized List<HeardRegion> regions(KeyRange range, int max) {
    return book == null ? List.of() : book.regions(range, max);
  }

  /** Why a region of this shape is no more; empty if nothing later is known. */
  public synchronized Optional<String> stale(RegionDescriptor region) {
    return book == null ? Optional.empty() : book.refusal(region);
  }

  /** Regions of the range with the stores that hold them, or why not. */
  public synchronized LookupRegionsResponse lookup(KeyRange range, int limit) {
    int max = limit <= 0 ? limits.lookupMax() : Math.min(limit, limits.lookupMax());
    HeartbeatBook open = book;
    if (open == null) {
      return LookupRegionsResponse.newBuilder().setError(notLeader.get()).build();
    }
    List<HeardRegion> found = open.regions(range, max + 1);
    boolean more = found.size() > max;
    return located(more ? found.subList(0, max) : found).setMore(more).build();
  }

  public synchronized LookupRegionsResponse lookup(RegionId id) {
    HeartbeatBook open = book;
    if (open == null) {
      return LookupRegionsResponse.newBuilder().setError(notLeader.get()).build();
    }
    return located(open.region(id).map(List::of).orElse(List.of())).build();
  }

  private LookupRegionsResponse.Builder located(List<HeardRegion> regions) {
    LookupRegionsResponse.Builder response = LookupRegionsResponse.newBuilder();
    Map<StoreId, StoreDescriptor> known = image.get().stores();
    Map<StoreId, StoreDescriptor> named = new LinkedHashMap<>();
    for (HeardRegion region : regions) {
      LocatedRegion located = region.toWire();
      response.addRegions(located);
      region.descriptor().peers().forEach(peer -> {
        StoreDescriptor store = known.get(peer.store());
        if (store != null) {
          named.put(store.id(), store);
        }
      });
    }
    named.values().forEach(store -> response.addStores(Wire.store(store)));
    return response;
  }

  /** All stores by id, judged by their silence; empty if this member does not lead. */
  public synchronized Optional<List<StoreStatus>> stores() {
    HeartbeatBook open = book;
    if (open == null) {
      return Optional.empty();
    }
    long now = nanoTime.getAsLong();
    List<StoreStatus> statuses = new ArrayList<>();
    image.get().stores().values().forEach(store -> {
      Duration silence = open.silence(store.id(), now);
      StoreStatus.Builder status = StoreStatus.newBuilder()
          .setStore(Wire.store(judged(store, silence)))
          .setSilenceMs(silence.toMillis());
      open.stats(store.id()).ifPresent(status::setStats);
      statuses.add(status.build());
    });
    return Optional.of(statuses);
  }

  private StoreDescriptor judged(StoreDescriptor store, Duration silence) {
    return new StoreDescriptor(
        store.id(),
        store.incarnation(),
        store.clientAddress(),
        store.peerAddress(),
        store.labels(),
        limits.liveness().judge(store.state(), silence));
  }

  /** Stores that could carry the first regions now, by id. */
  public synchronized List<StoreId> alive() {
    return book == null
        ? List.of()
        : book.alive(image.get(), limits.liveness(), nanoTime.getAsLong());
  }

  /** Shapes to be persisted, at most so many; they stay until the image shows them. */
  public synchronized List<RegionDescriptor> unrecorded(int max) {
    return unrecorded.values().stream().limit(max).toList();
  }

  /** The log refused these shapes: a later one is known to it. */
  public synchronized void forget(Collection<RegionDescriptor> shapes) {
    shapes.forEach(shape -> unrecorded.remove(shape.id(), shape));
  }

  /** Logs stores whose liveness changed. */
  public synchronized void tick() {
    HeartbeatBook open = book;
    if (open == null) {
      return;
    }
    long now = nanoTime.getAsLong();
    for (StoreDescriptor store : image.get().stores().values()) {
      Duration silence = open.silence(store.id(), now);
      StoreDescriptor.State state = limits.liveness().judge(store.state(), silence);
      StoreDescriptor.State before = liveness.put(store.id(), state);
      if (before != null && before != state) {
        LOG.info(
            "store={} is {} now, after {} ms of silence (was {})",
            store.id(),
            state,
            silence.toMillis(),
            before);
      }
    }
  }
}
