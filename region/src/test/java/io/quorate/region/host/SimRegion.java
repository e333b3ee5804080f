package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.StateMachine;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimGroup;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.lease.StoreLeases;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.SharedStoreConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.WriteBatch;

/**
 * One region with a replica on each of three stores, over a simulated log and oracle; the data is in real databases that many
 * runs share, each run with keys of its own.
 */
final class SimRegion {
  private static final AtomicLong LAST_ID = new AtomicLong();
  private static final long TICK_NANOS = 50_000_000;

  final SimScheduler scheduler;
  final SimOracle oracle;
  final SimGroup<EntryResult> group;
  final RegionDescriptor descriptor;
  final Bytes prefix;
  /** What each entry held and came to, as the first replica that applied it says; all others must agree. */
  final Map<Long, Effect> effects = new TreeMap<>();

  private final List<RaftDatabase> databases;
  private final RegionHostConfig config;
  private final Map<Integer, RegionHost> running = new TreeMap<>();
  private final Map<Integer, Integer> lives = new TreeMap<>();

  /** An applied entry. */
  record Effect(LogCommands commands, EntryResult result) {}

  SimRegion(
      SimScheduler scheduler,
      SimOracle oracle,
      SimFaults faults,
      List<RaftDatabase> databases,
      RegionHostConfig config) {
    this.scheduler = scheduler;
    this.oracle = oracle;
    this.databases = databases;
    this.config = config;
    long id = LAST_ID.incrementAndGet();
    this.prefix = Bytes.utf8("run" + id + "/");
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < databases.size(); i++) {
      peers.add(Peer.voter(i + 1, i + 1));
    }
    this.descriptor =
        new RegionDescriptor(new RegionId(id), KeyRange.prefix(prefix), RegionEpoch.FIRST, peers);
    GroupSeed seed = new GroupSeed(
        new GroupId(id),
        1,
        1,
        Membership.ofVoters(
            peers.stream().map(peer -> replica((int) peer.store().value())).toList()));
    this.group = new SimGroup<>(scheduler, seed, faults);
    for (int store = 1; store <= databases.size(); store++) {
      create(store);
      start(store);
    }
    tick();
  }

  private static ReplicaId replica(int store) {
    return new ReplicaId(store, store);
  }

  int stores() {
    return databases.size();
  }

  private SharedStore shared(int store) {
    return SharedStore.on(
        databases.get(store - 1), SharedStoreConfig.defaults().withCacheBytes(1 << 20));
  }

  private void create(int store) {
    try (WriteBatch batch = new WriteBatch()) {
      shared(store).create(batch, descriptor, 1, 1);
      databases.get(store - 1).write(batch);
    }
  }

  /** Starts a replica, from what its database holds. */
  void start(int store) {
    RegionStateMachine machine = new RegionStateMachine(
        shared(store).open(descriptor.id()),
        new RegionStateMachine.Parts(ApplyHook.NONE, NoBirths.INSTANCE, scheduler));
    int life = lives.merge(store, 1, Integer::sum);
    SimOracle.Port port = oracle.port(machine.lastStamp());
    Surroundings around = new Surroundings(
        config,
        MoveLimits.defaults(),
        port,
        PermissionHook.ALLOW_ALL,
        scheduler,
        task -> scheduler.after(scheduler.pick(0, 3_000_000), task),
        scheduler::nanos,
        new Listener(),
        new StoreLeases(LeaseConfig.defaults(), scheduler.nanos()),
        new ResolvedLoop(port, SimTerritory.noFollowers()));
    RegionHost host =
        RegionHost.start(around, machine, group.start(replica(store), new Recorder(machine)));
    running.put(store, host);
    assertThat(life).isPositive();
  }

  /** Ends a replica: whoever waits for it waits in vain. */
  void crash(int store) {
    group.stop(replica(store));
    running.remove(store);
  }

  Optional<RegionHost> host(int store) {
    return Optional.ofNullable(running.get(store));
  }

  List<Integer> runningStores() {
    return List.copyOf(running.keySet());
  }

  int leaderStore() {
    return group.leader().map(leader -> (int) leader.store()).orElse(0);
  }

  private void tick() {
    running.values().forEach(RegionHost::tick);
    scheduler.after(TICK_NANOS, this::tick);
  }

  /** Sees that all replicas make the same of the same entries. */
  private final class Recorder implements StateMachine<EntryResult> {
    private final StateMachine<EntryResult> machine;

    Recorder(StateMachine<EntryResult> machine) {
      this.machine = machine;
    }

    @Override
    public long appliedIndex() {
      return machine.appliedIndex();
    }

    @Override
    public List<EntryResult> apply(List<LogEntry> entries) {
      List<EntryResult> results = machine.apply(entries);
      for (int i = 0; i < entries.size(); i++) {
        LogCommands commands = LogCodec.decode(entries.get(i).data().unsafeArray());
        Effect effect = new Effect(commands, results.get(i));
        Effect other = effects.putIfAbsent(entries.get(i).index(), effect);
        assertThat(other == null ? effect : other)
            .as("ReplicasApplyAlike at %s", entries.get(i).index())
            .isEqualTo(effect);
      }
      return results;
    }

    @Override
    public void onLeading(long term) {
      machine.onLeading(term);
    }

    @Override
    public void onLeadershipLost(long term) {
      machine.onLeadershipLost(term);
    }

    @Override
    public void onFailure(String reason) {
      machine.onFailure(reason);
    }
  }

  private static final class Listener implements RegionListener {
    @Override
    public void onChanged(RegionHost region) {}

    @Override
    public void onFailed(RegionHost region, String reason) {
      throw new AssertionError("the replica stopped: " + reason);
    }
  }
}
