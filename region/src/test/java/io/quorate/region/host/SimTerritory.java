package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimGroup;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseHomes;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.RegionSum;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.watch.WatchConnection;
import io.quorate.region.watch.WatchLimits;
import io.quorate.region.watch.WatchSink;
import io.quorate.region.watch.Watching;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.WriteBatch;

/** A part of the keyspace on three stores, held by one region at first and by more as it is cut; logs and oracle are simulated. */
final class SimTerritory {
  private static final AtomicLong LAST_ID = new AtomicLong(1 << 20);
  private static final long TICK_NANOS = 50_000_000;
  private static final int TICKS_TO_RESOLVE = 20;

  final SimScheduler scheduler;
  final SimOracle oracle;
  final Bytes prefix;
  final RegionDescriptor first;
  private final SimFaults faults;
  private final List<RaftDatabase> databases;
  private final RegionHostConfig config;
  final Map<RegionId, SimGroup<EntryResult>> groups = new TreeMap<>();
  private final List<Map<RegionId, RegionHost>> running = new ArrayList<>();
  private final List<Integer> lives = new ArrayList<>();
  private final Map<RegionId, List<String>> judged = new HashMap<>();
  private final Map<RegionHost, RegionStateMachine> machines = new HashMap<>();
  /** One per life of a store. */
  private final Map<Integer, MergeLoop> merging = new HashMap<>();

  private final Map<Integer, FollowerPromises> promises = new HashMap<>();
  private final Map<Integer, Map<RegionId, ResolvedLoop>> loops = new HashMap<>();

  /** Whether stores tell each other how far regions are resolved. */
  boolean followers;

  private int ticks;
  int splits;
  int mergesBegun;
  int merges;
  /** Little room, so that queues overflow and slices end anywhere. */
  private final Watching watching = new Watching(
      new WatchLimits(600, 2_000, 20_000, 1_500, 300, 7, 5, 1000, 1), new SimpleMeterRegistry());
  /** How its regions reach the homes of leases. */
  LeaseHomes homes = LeaseHomes.NONE;

  LeaseConfig leases = LeaseConfig.defaults();

  SimTerritory(
      SimScheduler scheduler,
      SimOracle oracle,
      SimFaults faults,
      List<RaftDatabase> databases,
      RegionHostConfig config) {
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.faults = faults;
    this.databases = databases;
    this.config = config;
    RegionId id = newId();
    // Short, so that ids of leases, eight bytes long, lie in it too.
    this.prefix =
        Bytes.wrap(ByteBuffer.allocate(Integer.BYTES).putInt((int) id.value()).array());
    List<Peer> peers = new ArrayList<>();
    for (int store = 1; store <= databases.size(); store++) {
      peers.add(Peer.voter(store, newId().value()));
    }
    this.first = new RegionDescriptor(id, KeyRange.prefix(prefix), RegionEpoch.FIRST, peers);
    List<ReplicaId> voters = peers.stream()
        .map(peer -> new ReplicaId(peer.store().value(), peer.replica()))
        .toList();
    groups.put(
        id,
        new SimGroup<>(
            scheduler,
            new GroupSeed(new GroupId(id.value()), 1, 1, Membership.ofVoters(voters)),
            faults));
    for (int store = 1; store <= databases.size(); store++) {
      running.add(new TreeMap<>());
      lives.add(0);
      try (WriteBatch batch = new WriteBatch()) {
        shared(store).create(batch, first, 1, 1);
        databases.get(store - 1).write(batch);
      }
      start(store);
    }
    tick();
  }

  static RegionId newId() {
    return new RegionId(LAST_ID.incrementAndGet());
  }

  int stores() {
    return databases.size();
  }

  /** One per life of a store: its cache is shared by the regions of the store, as in a process. */
  private final Map<Integer, SharedStore> caches = new HashMap<>();

  private SharedStore shared(int store) {
    return caches.computeIfAbsent(
        store,
        one -> SharedStore.on(
            databases.get(one - 1), SharedStoreConfig.defaults().withCacheBytes(1 << 20)));
  }

  SimGroup<EntryResult> group(RegionId id) {
    SimGroup<EntryResult> found = groups.get(id);
    if (found == null) {
      throw new AssertionError("no log was seeded for region " + id);
    }
    return found;
  }

  /** The territory's regions as the store's disk has them, in key order. */
  List<RegionDescriptor> onDisk(int store) {
    return shared(store).regions().stream()
        .filter(region -> region.range().start().startsWith(prefix))
        .sorted(Comparator.comparing(region -> region.range().start()))
        .toList();
  }

  void start(int store) {
    lives.set(store - 1, lives.get(store - 1) + 1);
    merging.put(store, newLoop(store, lives.get(store - 1)));
    shared(store).replicas().forEach((region, record) -> {
      if (record.state() == ReplicaRecord.State.MERGED) {
        endLog(store, region);
      }
    });
    for (RegionDescriptor region : onDisk(store)) {
      startRegion(store, shared(store).open(region.id()));
    }
  }

  boolean isUp(int store) {
    return !running.get(store - 1).isEmpty();
  }

  private void startRegion(int store, RegionStore region) {
    RegionDescriptor descriptor = region.descriptor();
    ReplicaId self =
        new ReplicaId(store, descriptor.peerOn(new StoreId(store)).orElseThrow().replica());
    RegionStateMachine machine = new RegionStateMachine(
        region,
        new RegionStateMachine.Parts(
            ApplyHook.NONE,
            new SimBirths(store),
            new SimEndings(store),
            task -> scheduler.after(1000, task),
            watching));
    SimOracle.Port port = oracle.port(machine.lastStamp());
    Surroundings around = new Surroundings(
        config,
        MoveLimits.defaults(),
        port,
        PermissionHook.ALLOW_ALL,
        scheduler,
        task -> scheduler.after(scheduler.pick(0, 3_000_000), task),
        scheduler::nanos,
        new RegionListener() {
          @Override
          public void onChanged(RegionHost changed) {}

          @Override
          public void onFailed(RegionHost failed, String reason) {
            throw new AssertionError("the replica stopped: " + reason);
          }
        },
        storeLeases(),
        loop(store, descriptor.id(), port));
    SimGroup<EntryResult> group = group(descriptor.id());
    RegionHost host = RegionHost.start(around, machine, group.start(self, machine));
    running.get(store - 1).put(descriptor.id(), host);
    machines.put(host, machine);
  }

  /** Of a store that has nobody to tell. */
  static FollowerPromises noFollowers() {
    return new FollowerPromises(id -> Optional.empty(), (to, word) -> {}, task -> {});
  }

  private ResolvedLoop loop(int store, RegionId region, Oracle port) {
    FollowerPromises told = promises.computeIfAbsent(store, this::newPromises);
    ResolvedLoop made = new ResolvedLoop(port, told);
    loops.computeIfAbsent(store, one -> new HashMap<>()).put(region, made);
    return made;
  }

  private FollowerPromises newPromises(int store) {
    int life = lives.get(store - 1);
    return new FollowerPromises(
        id -> host(store, id),
        (to, word) -> sayLater(
            (int) to.value(),
            delay -> scheduler.after(delay, () -> {
              FollowerPromises there = promises.get((int) to.value());
              if (there != null) {
                boolean known = there.heard(
                    store,
                    word,
                    host -> Optional.ofNullable(loops
                            .getOrDefault((int) to.value(), Map.of())
                            .get(host.descriptor().id()))
                        .ifPresent(loop -> loop.want(host)));
                assertThat(known).isTrue();
              }
            })),
        task -> {
          if (followers) {
            scheduler.after(scheduler.pick(0, 2_000_000), () -> {
              if (lives.get(store - 1) == life) {
                task.run();
              }
            });
          }
        });
  }

  /** Words are lost, come twice, or late. */
  private void sayLater(int to, LongConsumer say) {
    assertThat(to).isBetween(1, stores());
    int copies = scheduler.chance(0.1) ? 0 : scheduler.chance(0.1) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      say.accept(
          scheduler.chance(0.05)
              ? scheduler.pick(0, 3_000_000_000L)
              : scheduler.pick(1000, 5_000_000));
    }
  }

  private StoreLeases storeLeases() {
    StoreLeases made = new StoreLeases(leases, scheduler.nanos());
    made.connect((lease, range) -> homes.register(lease, range), () -> {});
    return made;
  }

  /** The leases that a store's disk holds, of all regions. */
  List<LeaseHome> leasesOnDisk(int store) {
    return onDisk(store).stream()
        .flatMap(region -> open(store, region.id()).homes(region.range(), 10_000).stream())
        .toList();
  }

  /** Whether the key exists, by the store's disk. */
  boolean isLive(int store, Bytes key) {
    return onDisk(store).stream()
        .filter(region -> region.range().contains(key))
        .anyMatch(region -> open(store, region.id()).newest(key).isLive());
  }

  /** All replicas that run on a store. */
  List<RegionHost> hosts(int store) {
    return List.copyOf(running.get(store - 1).values());
  }

  /** All of a store's replicas end at once; what is on its disk stays. */
  void crash(int store) {
    running
        .get(store - 1)
        .forEach((id, host) -> group(id)
            .stop(new ReplicaId(
                store,
                host.descriptor().peerOn(new StoreId(store)).orElseThrow().replica())));
    running.get(store - 1).clear();
    merging.remove(store);
    promises.remove(store);
    loops.remove(store);
    lives.set(store - 1, lives.get(store - 1) + 1);
    caches.remove(store);
  }

  Optional<RegionHost> host(int store, RegionId region) {
    return Optional.ofNullable(running.get(store - 1).get(region));
  }

  /** A stream for watches to a store; it goes on to a store's next life only by being closed. */
  WatchConnection connect(int store, WatchSink sink) {
    return watching.connect(
        sink,
        task -> scheduler.after(scheduler.pick(0, 2_000_000), task),
        () -> 0,
        ticket -> host(store, ticket.region())
            .ifPresentOrElse(
                host -> host.watch(ticket),
                () ->
                    ticket.turnAway(new RegionError.RegionNotFound(ticket.region(), "not here"))));
  }

  /** The region that holds the key, as of the freshest replica that runs, or else on disk. */
  RegionDescriptor freshest(Bytes key) {
    RegionDescriptor best = null;
    for (Map<RegionId, RegionHost> store : running) {
      for (RegionHost host : store.values()) {
        best = fresher(best, host.descriptor(), key);
      }
    }
    for (int store = 1; best == null && store <= stores(); store++) {
      for (RegionDescriptor region : onDisk(store)) {
        best = fresher(best, region, key);
      }
    }
    if (best == null) {
      throw new AssertionError("nobody owns " + key);
    }
    return best;
  }

  private static @Nullable RegionDescriptor fresher(
      @Nullable RegionDescriptor best, RegionDescriptor other, Bytes key) {
    boolean isFresher = best == null || other.epoch().version() > best.epoch().version();
    return other.range().contains(key) && isFresher ? other : best;
  }

  int life(int store) {
    return lives.get(store - 1);
  }

  /** A region as the store's disk has it; where it runs, the one state that it has in memory is not replaced by another. */
  RegionStore open(int store, RegionId region) {
    return shared(store).opened(region).orElseGet(() -> shared(store).open(region));
  }

  int leaderStore(RegionId region) {
    SimGroup<EntryResult> group = groups.get(region);
    return group == null
        ? 0
        : group.leader().map(leader -> (int) leader.store()).orElse(0);
  }

  /** Groups without a leader elect one of those that run. */
  void electMissing() {
    groups.values().forEach(group -> {
      if (group.leader().isEmpty()) {
        group.electAny();
      }
    });
  }

  /** Asks a region's leader to be cut at the keys; the order may be refused, lost or of unknown fate. */
  void cut(RegionId region, List<Bytes> keys) {
    int leader = leaderStore(region);
    if (leader == 0) {
      return;
    }
    host(leader, region).ifPresent(host -> {
      RegionDescriptor now = host.descriptor();
      List<Split.Cut> cuts = keys.stream()
          .map(key -> new Split.Cut(
              key, newId(), now.peers().stream().map(peer -> newId().value()).toList()))
          .toList();
      var unused = host.split(new Split(now.epoch(), cuts)).whenComplete((parts, failure) -> {
        if (parts != null) {
          splits++;
        }
      });
    });
  }

  /** Has a region take in its right neighbour, as the left one's leader knows it; may be refused, lost or aborted. */
  void join(RegionId left) {
    int leader = leaderStore(left);
    MergeLoop loop = merging.get(leader);
    if (leader == 0 || loop == null) {
      return;
    }
    host(leader, left).ifPresent(host -> {
      RegionDescriptor now = host.descriptor();
      running.get(leader - 1).values().stream()
          .map(RegionHost::descriptor)
          .filter(other -> other.range().start().equals(now.range().end()))
          .findFirst()
          .ifPresent(right -> {
            var unused = loop.begin(left, now.epoch(), right).whenComplete((begun, failure) -> {
              if (failure == null) {
                mergesBegun++;
              }
            });
          });
    });
  }

  /** Whether some replica that runs is in the middle of a merge. */
  boolean isMerging() {
    return running.stream()
        .flatMap(store -> store.values().stream())
        .anyMatch(host -> host.mergeState().isUnderWay());
  }

  private MergeLoop newLoop(int store, int life) {
    MergeLoop.Town town = new MergeLoop.Town() {
      @Override
      public StoreId self() {
        return new StoreId(store);
      }

      @Override
      public Collection<RegionHost> regions() {
        return List.copyOf(running.get(store - 1).values());
      }

      @Override
      public Optional<RegionHost> region(RegionId id) {
        return host(store, id);
      }

      @Override
      public void say(StoreId to, byte[] word) {
        sayLater(
            (int) to.value(),
            delay -> scheduler.after(delay, () -> {
              MergeLoop there = merging.get((int) to.value());
              if (there != null) {
                there.heard(store, word);
              }
            }));
      }

      @Override
      public void sync() {
        // What is written survives every crash here.
      }
    };
    return new MergeLoop(
        town,
        new MergeLimits(Duration.ofMillis(300), Duration.ofMillis(20)),
        task -> scheduler.after(scheduler.pick(0, 2_000_000), () -> {
          if (lives.get(store - 1) == life) {
            task.run();
          }
        }),
        scheduler::nanos);
  }

  private void endLog(int store, RegionId region) {
    try (WriteBatch batch = new WriteBatch()) {
      shared(store).endOfLog(batch, region);
      databases.get(store - 1).write(batch);
    }
  }

  private final class SimEndings implements Merges {
    private final int store;
    private final int life;

    SimEndings(int store) {
      this.store = store;
      this.life = lives.get(store - 1);
    }

    @Override
    public void frozen(RegionId right, MergeState.Frozen by) {
      MergeLoop loop = merging.get(store);
      if (loop != null) {
        loop.frozen(right, by);
      }
    }

    @Override
    public void ended(RegionId right, RegionDescriptor whole) {
      checkTiling(store);
      if (judged.computeIfAbsent(whole.id(), id -> new ArrayList<>()).isEmpty()
          || !judged.get(whole.id()).contains(whole.toString())) {
        judged.get(whole.id()).add(whole.toString());
        merges++;
      }
      host(store, right).ifPresent(host -> {
        host.onEnded(whole);
        // The store may die before it stops it.
        scheduler.after(scheduler.pick(0, 20_000_000), () -> {
          if (lives.get(store - 1) == life) {
            long replica =
                host.descriptor().peerOn(new StoreId(store)).orElseThrow().replica();
            group(right).stop(new ReplicaId(store, replica));
            Optional.ofNullable(machines.get(host))
                .ifPresent(ended -> ended
                    .watchers()
                    .end(new RegionError.RegionNotFound(right, "it is part of " + whole), true));
            running.get(store - 1).remove(right);
            endLog(store, right);
          }
        });
      });
    }
  }

  private void tick() {
    running.forEach(store -> List.copyOf(store.values()).forEach(RegionHost::tick));
    merging.values().forEach(MergeLoop::wake);
    if (followers && ++ticks % TICKS_TO_RESOLVE == 0) {
      loops.forEach((store, regions) -> regions.forEach(
          (id, loop) -> host(store, id).ifPresent(one -> loop.wantAll(List.of(one)))));
    }
    scheduler.after(TICK_NANOS, this::tick);
  }

  /** Every replica's data, summed up from its disk. */
  Map<RegionId, RegionSum.Sum> sums(int store) {
    Map<RegionId, RegionSum.Sum> sums = new TreeMap<>();
    for (RegionDescriptor region : onDisk(store)) {
      try (RegionSum sum = open(store, region.id()).sum(0, 0)) {
        sums.put(region.id(), sum.run());
      }
    }
    return sums;
  }

  /** What every store must always show: its regions tile the territory. */
  void checkTiling(int store) {
    Bytes at = first.range().start();
    for (RegionDescriptor region : onDisk(store)) {
      assertThat(region.range().start()).as("RangesTile on store %s", store).isEqualTo(at);
      at = region.range().end();
    }
    assertThat(at).as("RangesTile on store %s", store).isEqualTo(first.range().end());
  }

  private final class SimBirths implements Births, ChildSeeds {
    private final int store;
    private final int life;

    SimBirths(int store) {
      this.store = store;
      this.life = lives.get(store - 1);
    }

    @Override
    public ChildSeeds seeds() {
      return this;
    }

    @Override
    public void born(Outcome.Split split, List<RegionStore> children, boolean campaign) {
      List<String> words = judged.computeIfAbsent(split.parent().id(), id -> new ArrayList<>());
      String said = split.regions().toString();
      if (!words.contains(said)) {
        words.add(said);
      }
      checkTiling(store);
      // The store may die before it starts them.
      for (RegionStore child : children) {
        scheduler.after(scheduler.pick(0, 5_000_000), () -> {
          RegionId id = child.descriptor().id();
          if (lives.get(store - 1) == life && host(store, id).isEmpty()) {
            startRegion(store, child);
            if (campaign) {
              host(store, id).orElseThrow().campaign();
            }
          }
        });
      }
    }

    @Override
    public StoreId self() {
      return new StoreId(store);
    }

    @Override
    public boolean isHere(GroupId group) {
      return host(store, new RegionId(group.value())).isPresent();
    }

    @Override
    public void seed(WriteBatch batch, GroupSeed seed) {
      SimGroup<EntryResult> known = groups.computeIfAbsent(
          new RegionId(seed.group().value()), id -> new SimGroup<>(scheduler, seed, faults));
      assertThat(known.seed()).as("ReplicasSplitAlike").isEqualTo(seed);
    }
  }
}
