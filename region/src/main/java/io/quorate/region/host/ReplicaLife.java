package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.host.Snapshots;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.Tombstone;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How replicas of one store come and go: begun where their region is created, made empty where a leader asks for them, filled by
 * snapshots, destroyed when they are removed. Owned by the {@link StoreEngine}, whose lock guards it; works on a thread of its
 * own where it must wait for the disk.
 */
final class ReplicaLife implements ReplicaMachine.Fate, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReplicaLife.class);

  private static final int CLOSE_SECONDS = 10;

  /** What the engine does with what comes and goes. Called under its lock. */
  interface Engine {
    boolean running();

    /** There is a region here to be served. */
    void serve(RegionStateMachine machine, ReplicatedLog<EntryResult> replica);

    /** The region's replica ends; its log has been stopped. */
    void drop(RegionId region);
  }

  /** A replica with its log. */
  private record Living(ReplicaMachine machine, ReplicatedLog<EntryResult> log) {
    /** As far as it knows. */
    long membership() {
      return machine
          .inner()
          .map(inner -> inner.descriptor().epoch().membership())
          .orElse(0L);
    }
  }

  private final MoveLimits limits;
  private final StoreId self;
  private final RaftDatabase database;
  private final RaftHost raft;
  private final SharedStore store;
  private final RangeClaims claims;
  private final RangeInstall install;
  private final ReplicaEnd end;
  private final ReplicaMachine.Shared shared;
  private final Engine engine;
  private final Object lock;
  private final Map<RegionId, Living> living = new ConcurrentHashMap<>();
  private final Set<RegionId> asked = ConcurrentHashMap.newKeySet();
  private final DamagedReplicas damaged;
  /** Under the lock. */
  private final Map<RegionId, Integer> refills = new HashMap<>();

  private final FirstAsks firstAsks;
  private final ExecutorService thread;

  /**
   * @param limits say how long a replica must be asked for, and how often an install is begun anew
   * @param lock the engine's
   */
  ReplicaLife(
      MoveLimits limits,
      StoreId self,
      RaftDatabase database,
      RaftHost raft,
      SharedStore store,
      RegionStateMachine.Parts parts,
      Engine engine,
      Object lock) {
    this.limits = limits;
    this.self = self;
    this.database = database;
    this.raft = raft;
    this.store = store;
    this.end = new ReplicaEnd(store, database, raft);
    this.damaged = new DamagedReplicas(store, database, end);
    this.claims = new RangeClaims(store);
    this.install = new RangeInstall(store, database);
    this.shared = new ReplicaMachine.Shared(store, claims, install, parts, this);
    this.engine = engine;
    this.lock = lock;
    this.firstAsks =
        new FirstAsks(limits.asksRemembered(), limits.arrivalPatience().toNanos());
    this.thread = Executors.newSingleThreadExecutor(task -> {
      Thread made = new Thread(task, "store-" + self + "-replicas");
      made.setDaemon(true);
      return made;
    });
  }

  RangeClaims claims() {
    return claims;
  }

  // ------------------------------------------------------------------ at the start

  /** Starts the empty replicas that were found on disk. */
  void startEmpty() {
    store.replicas().forEach((region, record) -> {
      if (record.state() == ReplicaRecord.State.EMPTY && !living.containsKey(region)) {
        begin(region, record.replica(), Optional.empty());
      }
    });
    raft.onMissing(this::wanted);
  }

  // ------------------------------------------------------------------ coming

  /** Starts a replica whose region is here. */
  void start(RegionStore region) {
    if (region.isOver()) {
      return;
    }
    RegionDescriptor descriptor = region.descriptor();
    long replica = store
        .replica(descriptor.id())
        .map(ReplicaRecord::replica)
        .or(() -> descriptor.peerOn(self).map(peer -> peer.replica()))
        .orElseThrow(
            () -> new IllegalArgumentException(descriptor + " has no replica on store " + self));
    Living started = begin(descriptor.id(), replica, Optional.of(region));
    engine.serve(started.machine().inner().orElseThrow(), started.log());
  }

  private Living begin(RegionId region, long replica, Optional<RegionStore> whole) {
    ReplicaId id = new ReplicaId(self.value(), replica);
    ReplicaMachine machine = new ReplicaMachine(shared, region, id, whole);
    ReplicatedLog<EntryResult> replicated =
        raft.start(new GroupId(region.value()), id, machine, Snapshots.ranges(machine));
    Living started = new Living(machine, replicated);
    living.put(region, started);
    firstAsks.came(region);
    return started;
  }

  /** The machine of a replica that is started here. */
  Optional<ReplicaMachine> machine(RegionId region) {
    return Optional.ofNullable(living.get(region)).map(Living::machine);
  }

  /** The ids of all replicas here, empty ones included. */
  Map<RegionId, Long> held() {
    Map<RegionId, Long> held = new TreeMap<>();
    living.forEach(
        (region, replica) -> held.put(region, replica.machine().self().replica()));
    damaged.all().forEach((region, damage) -> held.putIfAbsent(region, damage.replica()));
    return held;
  }

  /** The replicas here whose data were found to differ from their leaders'; they wait to be destroyed. */
  Map<RegionId, DamagedReplicas.Damage> damaged() {
    return damaged.all();
  }

  /** Whether a replica of the region is here, be it an empty one. */
  boolean has(RegionId region) {
    return living.containsKey(region) || damaged.all().containsKey(region);
  }

  /** Any thread: a leader sends to a replica that is not here. */
  private void wanted(GroupId group, ReplicaId replica) {
    RegionId region = new RegionId(group.value());
    if (asked.size() < limits.asksRemembered()
        && firstAsks.isDue(region, System.nanoTime())
        && asked.add(region)) {
      later(() -> {
        try {
          make(region, replica.replica());
        } finally {
          asked.remove(region);
        }
      });
    }
  }

  private void make(RegionId region, long replica) {
    synchronized (lock) {
      if (!engine.running()) {
        return;
      }
      Optional<Tombstone> tombstone = store.tombstone(region);
      if (tombstone.isPresent() && tombstone.get().replica() >= replica) {
        log.debug("region={} r{} was removed here and does not come back", region, replica);
        return;
      }
      Living older = living.get(region);
      if (older != null) {
        if (older.machine().self().replica() >= replica) {
          return;
        }
        // A store holds one replica of a region: its leader knows of a later one, so this one was
        // removed.
        destroy(older, older.membership());
      } else if (damaged.isHere(region, replica - 1)) {
        // Its leader asks for a later one: the damaged one was removed.
        damaged.destroy(region, claims);
      } else if (damaged.all().containsKey(region)) {
        return;
      }
      // Not while a split is written that may bring the region here.
      synchronized (store.arrivals()) {
        if (older == null && store.has(region)) {
          // Begun by a split, and about to start.
          return;
        }
        store.note(region, replica, ReplicaRecord.State.EMPTY);
      }
      database.sync();
      begin(region, replica, Optional.empty());
      log.info("region={} r{} made empty, waits for its snapshot", region, replica);
    }
  }

  @Override
  public void filled(ReplicaMachine machine) {
    whileHere(machine, filled -> {
      engine.serve(machine.inner().orElseThrow(), filled.log());
      log.info(
          "region={} epoch={} r{} came by a snapshot",
          machine.region(),
          machine.inner().orElseThrow().descriptor().epoch(),
          machine.self().replica());
    });
  }

  @Override
  public void damaged(ReplicaMachine machine, String reason) {
    whileHere(machine, bad -> {
      damaged.remember(machine.region(), machine.self().replica(), reason);
      // Its log is whole, but nobody must be led by it, now or after a restart.
      raft.stop(new GroupId(machine.region().value()));
    });
  }

  /** Its log is stopped, so that another one leads; it is started again with the store. */
  @Override
  public void broken(ReplicaMachine machine) {
    whileHere(machine, stopped -> raft.stop(new GroupId(machine.region().value())));
  }

  /** Soon, under the lock, unless another replica or none has come in its place by then. */
  private void whileHere(ReplicaMachine machine, Consumer<Living> task) {
    later(() -> {
      synchronized (lock) {
        Living here = living.get(machine.region());
        if (engine.running() && here != null && here.machine() == machine) {
          task.accept(here);
        }
      }
    });
  }

  /** If it was a snapshot's install that failed, the replica begins anew: what a start would do. */
  @Override
  public void failed(ReplicaMachine machine) {
    whileHere(machine, failed -> {
      Optional<ReplicaRecord> half = store
          .replica(machine.region())
          .filter(record -> record.state() == ReplicaRecord.State.INSTALLING);
      if ((half.isPresent() || machine.installFailed()) && mayBeginAnew(machine)) {
        beginAnew(failed, half);
      }
    });
  }

  private boolean mayBeginAnew(ReplicaMachine machine) {
    boolean may = refills.merge(machine.region(), 1, Integer::sum) <= limits.installRetries();
    if (!may) {
      log.error(
          "region={} {} failed to install a snapshot {} times, stays stopped until this store is restarted",
          machine.region(),
          machine.self(),
          limits.installRetries() + 1);
    }
    return may;
  }

  /**
   * Starts the replica again.
   *
   * @param half what a failed install left of it; where it failed before it touched anything there is none, and the replica is
   *     what it was
   */
  private void beginAnew(Living failed, Optional<ReplicaRecord> half) {
    RegionId region = failed.machine().region();
    long replica = failed.machine().self().replica();
    raft.stop(new GroupId(region.value()));
    engine.drop(region);
    living.remove(region);
    claims.release(region);
    if (half.isPresent()) {
      try (WriteBatch batch = new WriteBatch()) {
        ReplicaRecovery.wipe(batch, install, raft, region, half.get());
        database.write(batch);
      }
      database.sync();
      half.get().ranges().forEach(store::forget);
    }
    if (half.isEmpty() && store.has(region)) {
      start(store.open(region));
    } else {
      begin(region, replica, Optional.empty());
    }
  }

  // ------------------------------------------------------------------ going

  /** Any thread: the region is part of its left neighbour; its log is still to be stopped and deleted. */
  void ended(RegionId region) {
    later(() -> {
      synchronized (lock) {
        Living over = living.get(region);
        if (!engine.running()
            || (over != null && !over.machine().inner().map(ReplicaLife::isOver).orElse(true))) {
          return;
        }
        raft.stop(new GroupId(region.value()));
        engine.drop(region);
        living.remove(region);
        claims.release(region);
        end.deleteLog(region);
        log.info("region={} was merged into its left neighbour, its log is deleted", region);
      }
    });
  }

  private static boolean isOver(RegionStateMachine machine) {
    return machine.store().isOver();
  }

  @Override
  public void removed(ReplicaMachine machine, long membership) {
    whileHere(machine, leaving -> destroy(leaving, membership));
  }

  /**
   * Destroys a replica that its region no longer counts.
   *
   * @param membership epoch that proves it; a replica that knows of a later one, or is a member as of that one, stays
   * @return whether it is gone now
   */
  boolean destroy(RegionId region, long replica, long membership) {
    synchronized (lock) {
      Living condemned = living.get(region);
      if (condemned == null) {
        return damaged.destroyIfRemoved(region, replica, membership, claims);
      }
      Optional<RegionDescriptor> known =
          condemned.machine().inner().map(RegionStateMachine::descriptor);
      boolean contradicts = known.isPresent()
          && (known.get().epoch().membership() > membership
              || (known.get().epoch().membership() == membership
                  && known.get().peers().stream().anyMatch(peer -> peer.replica() == replica)));
      if (condemned.machine().self().replica() != replica || contradicts) {
        log.info(
            "region={} r{} is not destroyed: here is {} with {}",
            region,
            replica,
            condemned.machine().self(),
            known);
        return false;
      }
      destroy(condemned, membership);
      return true;
    }
  }

  /**
   * Destroys a replica of a region that is no more. Not while it is frozen for a neighbour with a replica here: that one's log, or a
   * snapshot of it, takes the range over.
   *
   * @return whether it is gone now
   */
  boolean destroyMerged(RegionId region, long replica) {
    synchronized (lock) {
      Living over = living.get(region);
      if (over == null) {
        damaged.destroyOf(region, replica, claims);
        return !damaged.isHere(region, replica);
      }
      boolean awaited = over.machine()
          .inner()
          .flatMap(inner -> inner.store().mergeState().frozen())
          .filter(frozen -> living.containsKey(frozen.left()))
          .isPresent();
      if (awaited || over.machine().self().replica() != replica) {
        return false;
      }
      destroy(over, Long.MAX_VALUE);
      return true;
    }
  }

  /** Stops the replica, then drops everything it had in one write. */
  private void destroy(Living condemned, long membership) {
    ReplicaMachine machine = condemned.machine();
    RegionId region = machine.region();
    raft.stop(new GroupId(region.value()));
    engine.drop(region);
    living.remove(region);
    claims.release(region);
    Optional<RegionStore> held = machine.inner().map(RegionStateMachine::store);
    held.ifPresent(RegionStore::retire);
    Optional<KeyRange> range = held.map(had -> had.descriptor().range());
    Runnable write =
        () -> end.destroy(region, range, new Tombstone(machine.self().replica(), membership));
    if (held.isEmpty()) {
      write.run();
    } else if (!held.get().end(write)) {
      // Its range is another's by now: the deletion would hit that one.
      end.deleteLog(region);
    }
    database.sync();
    range.ifPresent(store::forget);
    damaged.forget(region);
    log.info("region={} r{} destroyed", region, machine.self().replica());
  }

  private void later(Runnable task) {
    try {
      thread.execute(() -> {
        try {
          task.run();
        } catch (RuntimeException e) {
          // The top of the thread: one replica's failure is not the others'.
          log.error("a replica could not be made or destroyed", e);
        }
      });
    } catch (RejectedExecutionException e) {
      log.debug("no replicas come or go any more: the store stops");
    }
  }

  /** Before the Raft host is closed, and without the engine's lock held by the caller. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("store={} a replica is still being made or destroyed", self);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
