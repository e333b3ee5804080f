package io.quorate.store;

import io.quorate.client.placement.HeartbeatListener;
import io.quorate.client.placement.HeartbeatStream;
import io.quorate.client.placement.PlacementClient;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.DamagedReplica;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RegionBeat;
import io.quorate.proto.RegionCheck;
import io.quorate.proto.StoreHistory;
import io.quorate.proto.StoreStats;
import io.quorate.raft.Leadership;
import io.quorate.raft.storage.DiskUse;
import io.quorate.region.history.CleaningProgress;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.RegionStats;
import io.quorate.region.host.ReplicaHealth;
import io.quorate.region.host.StoreEngine;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells PD that the store lives and what it leads: changes at once, the rest slowly; hands on what PD answers.
 *
 * <p>Owner: {@link StoreNode}. Thread: one of its own; calls from others are handed over to it.
 */
final class HeartbeatLoop implements HeartbeatListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatLoop.class);

  private final StoreConfig config;
  private final StoreIdentity self;
  private final StoreEngine engine;
  private final AddressBook addresses;
  private final Consumer<HeartbeatResponse> onAnswer;
  private final Consumer<String> onDisbelief;
  private final ScheduledExecutorService thread;
  private final ConcurrentLinkedQueue<RegionId> changed = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile boolean full = true;
  private volatile boolean stopping;
  private volatile @Nullable HeartbeatStream stream;

  /** Regions that one beat names as gone, and damaged replicas that it names; the next beats name the rest. */
  private static final int NAMED_PER_BEAT = 256;

  // Confined to the thread.
  private final BeatPlan plan;
  private final Departures departures = new Departures();
  private final Map<RegionId, Told> told = new HashMap<>();
  /** What PD was last told of the other replicas of a region. */
  private final Map<RegionId, ReplicaHealth> health = new HashMap<>();
  /** The version of its range that PD was last told of a region, on this stream. */
  private final Map<RegionId, Long> versions = new HashMap<>();
  /** The index of a region's last comparison that PD was told of. */
  private final Map<RegionId, Long> checked = new HashMap<>();

  private record Told(RegionStats stats, long atNanos) {}

  /**
   * @param onAnswer gets each answer without error, on a thread that must not be blocked
   * @param onDisbelief gets PD's words each time it does not take this store for one of its cluster, on such a thread
   */
  HeartbeatLoop(
      StoreConfig config,
      StoreIdentity self,
      StoreEngine engine,
      AddressBook addresses,
      Consumer<HeartbeatResponse> onAnswer,
      Consumer<String> onDisbelief) {
    this.config = config;
    this.self = self;
    this.engine = engine;
    this.addresses = addresses;
    this.onAnswer = onAnswer;
    this.onDisbelief = onDisbelief;
    this.plan = new BeatPlan(config.regionBeat().toNanos());
    this.thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
      Thread beats = new Thread(runnable, "store-" + self.store() + "-heartbeat");
      beats.setDaemon(true);
      return beats;
    });
  }

  void start(PlacementClient placement) {
    stream = placement.heartbeatStream(this);
    long period = config.storeBeat().toNanos();
    var unused =
        thread.scheduleWithFixedDelay(this::beatOrSayWhyNot, period, period, TimeUnit.NANOSECONDS);
  }

  /** Any thread: the region is led anew, or not any more, or has another shape. */
  void changed(RegionId region) {
    changed.add(region);
    wake();
  }

  /** Any thread: PD shall hear all that is held and led. */
  void beatFull() {
    full = true;
    wake();
  }

  /** Any thread: from now on PD shall give the store no leaderships: it is about to stop. */
  void stopping() {
    stopping = true;
    wake();
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        thread.execute(this::beatOrSayWhyNot);
      } catch (RejectedExecutionException e) {
        LOG.debug("no heartbeat any more: the store stops");
      }
    }
  }

  @Override
  public void opened() {
    beatFull();
  }

  @Override
  public void answered(HeartbeatResponse response) {
    addresses.learn(response.getStoresList());
    if (response.getError().getCode() == PlacementError.Code.OK) {
      onAnswer.accept(response);
    } else {
      LOG.error(
          "store={} PD refuses heartbeats: {}",
          self.store(),
          response.getError().getMessage());
    }
  }

  @Override
  public void broken(String why) {
    LOG.info("store={} heartbeats to PD broke off: {}", self.store(), why);
  }

  @Override
  public void disbelieved(String why) {
    onDisbelief.accept(why);
  }

  private void beatOrSayWhyNot() {
    try {
      beat();
    } catch (RuntimeException e) {
      // The top of the thread: one bad beat must not end all later ones.
      LOG.error("store={} no heartbeat was sent", self.store(), e);
    }
  }

  private void beat() {
    woken.set(false);
    HeartbeatStream to = stream;
    if (to == null) {
      return;
    }
    HeartbeatRequest.Builder beat = HeartbeatRequest.newBuilder();
    Map<RegionId, Long> held = engine.held();
    if (full) {
      full = false;
      plan.forget();
      versions.clear();
      beat.setFull(true);
      departures.tellAll(held.keySet());
      held.forEach(
          (region, replica) -> beat.addHeldRegions(region.value()).addHeldReplicas(replica));
    }
    List<RegionId> news = new ArrayList<>();
    for (RegionId id; (id = changed.poll()) != null; ) {
      news.add(id);
    }
    List<RegionHost> led = engine.led();
    led.stream()
        .filter(this::hasNews)
        .forEach(region -> news.add(region.descriptor().id()));
    plan.changed(news);
    long now = System.nanoTime();
    List<RegionId> leading = ids(led);
    forgetAllBut(Set.copyOf(leading));
    for (RegionId id : plan.due(leading, now)) {
      engine.region(id).ifPresent(region -> {
        // Looked at once: whoever was deposed since must not tell of the next leader's term as its
        // own.
        Leadership leadership = region.leadership();
        if (leadership.leading()) {
          beat.addRegions(regionBeat(region, leadership.term(), now));
        }
      });
    }
    beat.setStore(stats(led.size(), held));
    engine.damaged().entrySet().stream()
        .limit(NAMED_PER_BEAT)
        .forEach(damaged -> beat.addDamaged(DamagedReplica.newBuilder()
            .setRegionId(damaged.getKey().value())
            .setReplicaId(damaged.getValue())));
    // After those that went were picked: a region that came while this beat was made is not among
    // those held.
    beat.getRegionsList()
        .forEach(region -> departures.tell(new RegionId(region.getRegion().getRegionId())));
    to.send(beat);
  }

  /** What was told of a region before another store led it says nothing of now. */
  private void forgetAllBut(Set<RegionId> leading) {
    told.keySet().retainAll(leading);
    health.keySet().retainAll(leading);
    checked.keySet().retainAll(leading);
    versions.keySet().retainAll(leading);
  }

  private boolean hasNews(RegionHost region) {
    RegionId id = region.descriptor().id();
    return !health.getOrDefault(id, ReplicaHealth.GOOD).equals(region.health())
        || region
            .lastCheck()
            .filter(check -> check.sum().index() != checked.getOrDefault(id, 0L))
            .isPresent();
  }

  private static List<RegionId> ids(Collection<RegionHost> regions) {
    return regions.stream().map(region -> region.descriptor().id()).toList();
  }

  private RegionBeat regionBeat(RegionHost region, long term, long now) {
    RegionStats stats = region.stats();
    Told before = told.put(region.descriptor().id(), new Told(stats, now));
    RegionBeat.Builder beat = RegionBeat.newBuilder()
        .setRegion(Wire.region(region.descriptor()))
        .setTerm(term)
        .setApproximateBytes(region.approximateBytes())
        .setApproximateKeys(region.approximateKeys());
    addBorn(region, beat);
    ReplicaHealth replicas = region.health();
    beat.addAllDownReplicas(replicas.down()).addAllPendingReplicas(replicas.pending());
    health.put(region.descriptor().id(), replicas);
    region
        .mergeState()
        .ended()
        .forEach(ended -> beat.addEndedRegions(ended.region().value()));
    region.descriptor().peerOn(self.store()).ifPresent(peer -> beat.setLeader(Wire.peer(peer)));
    region.lastCheck().ifPresent(check -> {
      checked.put(region.descriptor().id(), check.sum().index());
      beat.setCheck(RegionCheck.newBuilder()
          .setIndex(check.sum().index())
          .setRevision(check.sum().revision())
          .setSum(check.sum().sum())
          .setCount(check.sum().count())
          .setAtMs(check.atMillis()));
    });
    if (before != null) {
      beat.setWrittenBytes(stats.writtenBytes() - before.stats.writtenBytes())
          .setWrittenKeys(stats.writtenKeys() - before.stats.writtenKeys())
          .setReadBytes(stats.readBytes() - before.stats.readBytes())
          .setReadKeys(stats.readKeys() - before.stats.readKeys())
          .setIntervalMs((int) TimeUnit.NANOSECONDS.toMillis(now - before.atNanos));
    }
    return beat.build();
  }

  /** Those that PD was not told of by this store; where nothing was told, those of the last cut. */
  private void addBorn(RegionHost region, RegionBeat.Builder beat) {
    long now = beat.getRegion().getEpoch().getVersion();
    Long told = versions.put(region.descriptor().id(), now);
    if (told == null || told != now) {
      region.cutOff().stream()
          .filter(born -> born.epoch().version() > (told == null ? now - 1 : told))
          .forEach(born -> beat.addBorn(Wire.region(born)));
    }
  }

  private StoreStats stats(int leaders, Map<RegionId, Long> held) {
    StoreStats.Builder stats = StoreStats.newBuilder()
        .setStopping(stopping)
        .setRegionCount(engine.regions().size())
        .setLeaderCount(leaders)
        .setHighestRevision(engine.highestRevision());
    departures
        .next(held.keySet(), NAMED_PER_BEAT)
        .forEach(region -> stats.addTombstones(region.value()));
    CleaningProgress history = engine.history().progress();
    stats.setHistory(StoreHistory.newBuilder()
        .setSettled(history.settled())
        .setBehind(history.behind())
        .setUncleaned(history.uncleaned())
        .setSmallestFloor(history.smallestFloor())
        .setSmallestRegion(history.smallestRegion())
        .setRemoved(history.removed()));
    try {
      FileStore disk = Files.getFileStore(config.dataDir());
      stats.setCapacityBytes(disk.getTotalSpace()).setAvailableBytes(disk.getUsableSpace());
      DiskUse use = engine.database().diskUse();
      stats.setUsedBytes(use.files()).setLiveBytes(use.live());
    } catch (IOException e) {
      LOG.warn(
          "store={} space in {} is not known: {}", self.store(), config.dataDir(), e.toString());
    }
    return stats.build();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    HeartbeatStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
