package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.Tombstone;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas of one store whose data were found to differ from their leaders'. Remembered on disk, so that a restart does not make
 * them serve again; they stay, silent, until their region counts them no more: only that proves that they can be done without.
 * Owned by {@link ReplicaLife}; changed under its lock, read by any thread.
 */
final class DamagedReplicas {
  private static final Logger log = LoggerFactory.getLogger(DamagedReplicas.class);
  private static final String FOUND_AT_START =
      "this replica's data was found to differ from its leader's before the last start";

  /** Which replica it is, and how it came out. */
  record Damage(long replica, String why) {}

  private final SharedStore store;
  private final RaftDatabase database;
  private final ReplicaEnd end;
  private final Map<RegionId, Damage> known = new ConcurrentHashMap<>();

  /** Looks up what is remembered. */
  DamagedReplicas(SharedStore store, RaftDatabase database, ReplicaEnd end) {
    this.store = store;
    this.database = database;
    this.end = end;
    store.replicas().forEach((region, record) -> {
      if (record.state() == ReplicaRecord.State.DAMAGED) {
        known.put(region, new Damage(record.replica(), FOUND_AT_START));
        log.warn("region={} r{} is damaged and is not started", region, record.replica());
      }
    });
  }

  /** By region. */
  Map<RegionId, Damage> all() {
    return new TreeMap<>(known);
  }

  /** Durable on return. */
  void remember(RegionId region, long replica, String why) {
    store.note(region, replica, ReplicaRecord.State.DAMAGED);
    database.sync();
    known.put(region, new Damage(replica, why));
  }

  /** Whether a damaged one with this id or a smaller one is here. */
  boolean isHere(RegionId region, long replica) {
    Damage damage = known.get(region);
    return damage != null && damage.replica() <= replica;
  }

  /** It was destroyed like any other. */
  void forget(RegionId region) {
    known.remove(region);
  }

  /**
   * Destroys one that was not started.
   *
   * @param membership epoch that proves its removal
   * @return whether no such replica is here now
   */
  boolean destroyIfRemoved(RegionId region, long replica, long membership, RangeClaims claims) {
    Damage damage = known.get(region);
    if (damage == null) {
      return true;
    }
    boolean contradicts = descriptor(region)
        .filter(held -> held.epoch().membership() > membership
            || (held.epoch().membership() == membership
                && held.peers().stream().anyMatch(peer -> peer.replica() == replica)))
        .isPresent();
    if (damage.replica() != replica || contradicts) {
      log.info("region={} r{} is not destroyed: here is r{}", region, replica, damage.replica());
      return false;
    }
    destroy(region, claims);
    return true;
  }

  /** Destroys one whose region is no more, if it is that one. */
  void destroyOf(RegionId region, long replica, RangeClaims claims) {
    Damage damage = known.get(region);
    if (damage != null && damage.replica() == replica) {
      destroy(region, claims);
    }
  }

  /** Drops all that it had in one write; durable on return. No other region has its range: see {@link RangeClaims}. */
  void destroy(RegionId region, RangeClaims claims) {
    Damage damage = known.get(region);
    if (damage == null) {
      return;
    }
    Optional<RegionDescriptor> held = descriptor(region);
    end.destroy(
        region,
        held.map(RegionDescriptor::range),
        new Tombstone(
            damage.replica(), held.map(had -> had.epoch().membership()).orElse(0L)));
    database.sync();
    held.map(RegionDescriptor::range).ifPresent(store::forget);
    claims.release(region);
    known.remove(region);
    log.info("region={} r{} was damaged, destroyed", region, damage.replica());
  }

  private Optional<RegionDescriptor> descriptor(RegionId region) {
    return store.regions().stream()
        .filter(descriptor -> descriptor.id().equals(region))
        .findFirst();
  }
}
