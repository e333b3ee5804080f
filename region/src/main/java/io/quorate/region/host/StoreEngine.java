package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import io.quorate.region.command.MergeState;
import io.quorate.region.history.HistoryLoop;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.watch.WatchConnection;
import io.quorate.region.watch.WatchSink;
import io.quorate.region.watch.Watching;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All regions of one store and what they share: the database, the Raft host, the threads. Owned by the store's process.
 *
 * <p>Thread: any. {@link #createRegion}, {@link #start} and {@link #close} wait for the disk; the rest does not.
 */
public final class StoreEngine implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StoreEngine.class);

  /** Where the log of every region begins: its first entry has the index after it. */
  private static final long SEED_INDEX = 1;

  private static final long SEED_TERM = 1;

  /** Regions that ended here and of which it is remembered what they are part of. */
  private static final int MAX_JOINED = 4096;

  private final StoreId self;
  private final RaftDatabase database;
  private final RaftHost raft;
  private final SharedStore store;
  private final EngineThreads threads;
  private final Surroundings around;
  private final ReplicaLife life;
  private final Map<RegionId, RegionStore> found;
  private final ConcurrentSkipListMap<RegionId, RegionHost> hosts = new ConcurrentSkipListMap<>();
  private final SplitBirths births;
  private final CompactionHost compactions;
  private final HistoryLoop history;
  private final MergeLoop merges;
  /** What regions that were here are part of now, for those who still come for them. */
  private final Map<RegionId, RegionId> joined = Collections.synchronizedMap(new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<RegionId, RegionId> eldest) {
      return size() > MAX_JOINED;
    }
  });

  private final Watching watching;
  private final int ticksToResolve;
  private int ticks;
  private boolean started;
  private boolean closed;

  private StoreEngine(
      StoreEngineConfig config,
      StoreId self,
      RaftDatabase database,
      SharedStore store,
      RaftHost raft,
      Map<RegionId, RegionStore> found,
      EngineParts parts) {
    this.self = self;
    this.database = database;
    this.store = store;
    this.raft = raft;
    this.found = found;
    this.threads = new EngineThreads(config, parts.metrics());
    this.watching = new Watching(config.watch(), parts.metrics());
    this.ticksToResolve = (int) Math.max(1, config.resolveEvery().dividedBy(config.tick()));
    SplitLeaders leaders = new SplitLeaders(parts.listener(), parts.metrics(), System::nanoTime);
    this.births = new SplitBirths(self, raft, leaders, this::takeIn);
    this.merges = new MergeLoop(new Stead(), config.merges(), threads.merges(), System::nanoTime);
    this.life = new ReplicaLife(
        config.moves(),
        self,
        database,
        raft,
        store,
        new RegionStateMachine.Parts(
            parts.applyHook(), births, new Endings(), threads.readers(), watching),
        new Household(),
        this);
    Oracle oracle = parts.oracle().apply(highest(found.values()));
    this.around = new Surroundings(
        config.region(),
        config.moves(),
        oracle,
        parts.permissions(),
        threads.regions(),
        threads.readers(),
        System::nanoTime,
        leaders,
        new StoreLeases(config.leases(), System.nanoTime()),
        new ResolvedLoop(
            oracle,
            new FollowerPromises(
                this::region, (to, word) -> raft.say(to.value(), word), threads.merges())));
    this.compactions = new CompactionHost(store);
    this.history = new HistoryLoop(
        config.cleaning(),
        () -> hosts.values().stream().map(RegionHost::history).toList(),
        compactions);
  }

  /**
   * Opens the store's data; regions found in it wait for {@link #start}.
   *
   * @param self this store's id, as its data directory and PD know it
   * @param directory of the database, made if missing; locked by the database
   * @throws IllegalStateException in one line, if the data is in use or damaged
   */
  public static StoreEngine open(
      StoreEngineConfig config, StoreId self, Path directory, EngineParts parts) {
    RaftDatabase database =
        RaftDatabase.open(directory, SharedStore.families(), RaftDatabaseConfig.defaults());
    try {
      SharedStore store = SharedStore.on(database, config.store());
      Map<RegionId, RegionStore> found = new HashMap<>();
      RaftHost raft = parts.raft().apply(database);
      ReplicaRecovery.recover(store, database, raft);
      for (RegionDescriptor region : store.regions()) {
        if (!isDamaged(store, region.id())) {
          found.put(region.id(), store.open(region.id()));
        }
      }
      return new StoreEngine(config, self, database, store, raft, found, parts);
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
  }

  private static boolean isDamaged(SharedStore store, RegionId region) {
    return store
        .replica(region)
        .filter(record -> record.state() == ReplicaRecord.State.DAMAGED)
        .isPresent();
  }

  private static long highest(Collection<RegionStore> stores) {
    return stores.stream().mapToLong(RegionStore::lastStamp).max().orElse(0);
  }

  /** Starts the regions that were found on disk. Once. */
  public synchronized void start() {
    if (started) {
      throw new IllegalStateException("the engine has been started");
    }
    started = true;
    found.forEach((id, region) -> life.start(region));
    life.startEmpty();
    raft.onWord((from, word) -> {
      if (!around.resolved().heard(from, word)) {
        merges.heard(from, word);
      }
    });
    threads.everyTick(this::tick);
    history.start();
    log.info("store={} started {} regions", self, hosts.size());
  }

  /** On the tick thread. */
  private void tick() {
    hosts.values().forEach(RegionHost::tick);
    merges.wake();
    ticks++;
    if (ticks % ticksToResolve == 0) {
      around.resolved().wantAll(hosts.values());
    }
  }

  /** Opens a connection for watches of any regions here; the caller closes it. */
  public WatchConnection connect(WatchSink sink) {
    return watching.connect(
        sink,
        threads.watches(),
        () -> around.oracle().newestKnown().compacted(),
        ticket -> region(ticket.region())
            .ifPresentOrElse(
                host -> host.watch(ticket),
                () -> ticket.turnAway(new RegionError.RegionNotFound(
                    ticket.region(), "region " + ticket.region() + " is not on this store"))));
  }

  /**
   * Makes this store's replica of a new region, empty, durable on return; what exists already is returned as it is.
   *
   * @param region at its first epoch, with a peer on this store
   * @param campaign whether this replica shall try to lead at once
   * @return the replica; empty if it was here and was removed for good, or if its leader was faster and sends it a snapshot
   * @throws IllegalArgumentException if no peer of it is on this store, or if it overlaps a region of this store
   */
  public synchronized Optional<RegionHost> createRegion(RegionDescriptor region, boolean campaign) {
    if (!started || closed) {
      throw new IllegalStateException("the engine is not running");
    }
    RegionHost existing = hosts.get(region.id());
    if (existing != null) {
      return Optional.of(existing);
    }
    long replica = selfIn(region).replica();
    boolean removed = store
        .tombstone(region.id())
        .filter(tombstone -> tombstone.replica() >= replica)
        .isPresent();
    if (removed || life.has(region.id())) {
      return Optional.empty();
    }
    life.claims().claim(region.id(), region.range()).ifPresent(why -> {
      throw new IllegalArgumentException(region + " cannot be here: " + why);
    });
    try {
      return Optional.of(create(region, campaign));
    } finally {
      life.claims().release(region.id());
    }
  }

  private RegionHost create(RegionDescriptor region, boolean campaign) {
    GroupId group = new GroupId(region.id().value());
    if (raft.hasState(group)) {
      throw new IllegalStateException("region=" + region.id() + " has a log here but no data");
    }
    try (WriteBatch batch = new WriteBatch()) {
      store.create(batch, region, SEED_INDEX, SEED_TERM);
      raft.seed(batch, new GroupSeed(group, SEED_INDEX, SEED_TERM, membership(region)));
      database.write(batch);
    }
    database.sync();
    life.start(store.open(region.id()));
    RegionHost host = region(region.id()).orElseThrow();
    if (campaign) {
      host.campaign();
    }
    log.info("region={} epoch={} created", region.id(), region.epoch());
    return host;
  }

  /**
   * Destroys a replica that its region no longer counts, with all its data; a tombstone keeps it from coming back.
   *
   * @param membership epoch of the region that proves it; a replica that knows better stays
   * @return whether it is gone
   */
  public boolean destroy(RegionId region, long replica, long membership) {
    return life.destroy(region, replica, membership);
  }

  /**
   * Destroys what is left here of a region that ended in its left neighbour; what that neighbour's replica here is still to take in
   * stays.
   *
   * @return whether it is gone
   */
  public boolean destroyMerged(RegionId region, long replica) {
    return life.destroyMerged(region, replica);
  }

  /** What the life of replicas means to the engine; under its lock. */
  private final class Household implements ReplicaLife.Engine {
    @Override
    public boolean running() {
      return started && !closed;
    }

    @Override
    public void serve(RegionStateMachine machine, ReplicatedLog<EntryResult> replica) {
      hosts.put(machine.descriptor().id(), RegionHost.start(around, machine, replica));
    }

    @Override
    public void drop(RegionId region) {
      RegionHost host = hosts.remove(region);
      if (host != null) {
        host.close();
      }
    }
  }

  /** Starts what a split has made; its state is on disk with the split. */
  private synchronized void takeIn(RegionStore child, boolean campaign) {
    if (closed || child.isOver() || hosts.containsKey(child.descriptor().id())) {
      return;
    }
    life.start(child);
    RegionHost host = region(child.descriptor().id()).orElseThrow();
    if (campaign) {
      host.campaign();
    }
    around.listener().onChanged(host);
  }

  /** What merges see of this store. */
  private final class Stead implements MergeLoop.Town {
    @Override
    public StoreId self() {
      return self;
    }

    @Override
    public Collection<RegionHost> regions() {
      return hosts.values();
    }

    @Override
    public Optional<RegionHost> region(RegionId id) {
      return StoreEngine.this.region(id);
    }

    @Override
    public void say(StoreId store, byte[] word) {
      raft.say(store.value(), word);
    }

    @Override
    public void sync() {
      database.sync();
    }
  }

  /** What freezes and ends mean to the engine. */
  private final class Endings implements Merges {
    @Override
    public void frozen(RegionId right, MergeState.Frozen by) {
      merges.frozen(right, by);
    }

    @Override
    public void ended(RegionId right, RegionDescriptor whole) {
      joined.put(right, whole.id());
      region(right).ifPresent(host -> host.onEnded(whole));
      life.ended(right);
    }
  }

  private Peer selfIn(RegionDescriptor region) {
    return region
        .peerOn(self)
        .orElseThrow(
            () -> new IllegalArgumentException(region + " has no replica on store " + self));
  }

  private static Membership membership(RegionDescriptor region) {
    return new Membership(replicas(region, PeerRole.VOTER), replicas(region, PeerRole.LEARNER));
  }

  private static List<ReplicaId> replicas(RegionDescriptor region, PeerRole role) {
    return region.peers().stream()
        .filter(peer -> peer.role() == role)
        .map(peer -> new ReplicaId(peer.store().value(), peer.replica()))
        .toList();
  }

  public StoreId self() {
    return self;
  }

  /** What the regions share about leases: to be connected to the homes in other regions. */
  public StoreLeases leases() {
    return around.leases();
  }

  /** The Raft host, for its transport service. */
  public RaftHost raft() {
    return raft;
  }

  public RaftDatabase database() {
    return database;
  }

  /**
   * Has a region of this store take in its right neighbour. Completes once that is begun; it ends by itself, one way or the other,
   * as the left one's log decides.
   *
   * @param expected epoch that the left region must be at
   * @param right as it must be; its replicas stand on the same stores
   * @return what the left one's log knows then; fails with {@link io.quorate.raft.LogException}
   */
  public CompletableFuture<MergeState> merge(
      RegionId left, RegionEpoch expected, RegionDescriptor right) {
    return merges.begin(left, expected, right);
  }

  /** What a region that was here and was merged is part of now, as far as it is known here. */
  public Optional<RegionDescriptor> partOf(RegionId region) {
    RegionId at = region;
    for (RegionId next; (next = joined.get(at)) != null; ) {
      at = next;
    }
    return at.equals(region) ? Optional.empty() : region(at).map(RegionHost::descriptor);
  }

  public Optional<RegionHost> region(RegionId id) {
    return Optional.ofNullable(hosts.get(id));
  }

  /** All replicas here, by region id. */
  public Collection<RegionHost> regions() {
    return Collections.unmodifiableCollection(hosts.values());
  }

  /** The ids of all replicas here, by region, also of those that still wait for their snapshot. */
  public Map<RegionId, Long> held() {
    return life.held();
  }

  /** The replicas here that stopped for good, with the reasons. */
  public Map<RegionId, String> failures() {
    Map<RegionId, String> failures = new TreeMap<>();
    life.damaged().forEach((region, damage) -> failures.put(region, damage.why()));
    hosts.forEach((region, host) -> host.failure().ifPresent(why -> failures.put(region, why)));
    return failures;
  }

  /** The ids of replicas here whose data were found to differ from their leaders', by region: they wait to be replaced. */
  public Map<RegionId, Long> damaged() {
    Map<RegionId, Long> damaged = new TreeMap<>();
    life.damaged().forEach((region, damage) -> damaged.put(region, damage.replica()));
    return damaged;
  }

  /** Those that lead, as far as they know. */
  public List<RegionHost> led() {
    return hosts.values().stream().filter(RegionHost::leading).toList();
  }

  /** Regions of which a replica was here and never may be again. */
  public List<RegionId> tombstones() {
    return store.tombstones();
  }

  /** The highest revision that this store has seen, in its data or from the oracle. */
  public long highestRevision() {
    return around.oracle().newestKnown().revision();
  }

  /** Removes old versions; to be told how far it may. */
  public HistoryLoop history() {
    return history;
  }

  /** Stops serving, then the logs, then the threads, then closes the database. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    history.close();
    compactions.close();
    births.close();
    life.close();
    threads.stopTicks();
    raft.close();
    hosts.values().forEach(RegionHost::close);
    threads.close();
    database.close();
  }
}
