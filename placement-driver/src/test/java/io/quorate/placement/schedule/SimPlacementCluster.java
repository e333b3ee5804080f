package io.quorate.placement.schedule;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.placement.registry.RegionHealth;
import io.quorate.placement.registry.RegionLoad;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A cluster that does what operators say, at once or never: stores and regions that a test lays out. One thread. */
final class SimPlacementCluster {
  static final long GIB = 1L << 30;

  private final Map<Long, StoreView> stores = new TreeMap<>();
  private final Map<Bytes, HeardRegion> regions = new TreeMap<>();
  private final Map<Long, Bytes> startOf = new HashMap<>();
  private long nextReplica = 1_000_000;
  private long nowNanos = 7_200_000_000_000L;
  private long round;
  private ClusterView.Busy busy = ClusterView.Busy.NONE;
  private final Map<RegionId, Set<Long>> damaged = new HashMap<>();

  void store(long id, Map<String, String> labels) {
    store(id, labels, StoreDescriptor.State.UP, StoreDescriptor.State.UP, 1_000, false);
  }

  void store(
      long id,
      Map<String, String> labels,
      StoreDescriptor.State state,
      StoreDescriptor.State liveness,
      long freeGib,
      boolean stopping) {
    stores.put(
        id,
        new StoreView(
            new StoreDescriptor(new StoreId(id), id, "h:" + id, "p:" + id, labels, state),
            liveness,
            new StoreView.Disk(1_000 * GIB, freeGib * GIB, 0),
            stopping,
            0,
            StoreView.Quota.FREE,
            StoreView.Tally.NONE));
  }

  void change(long id, StoreDescriptor.State state, StoreDescriptor.State liveness) {
    StoreView store = stores.get(id);
    if (store == null) {
      throw new IllegalArgumentException("store " + id);
    }
    store(id, store.store().labels(), state, liveness, 1_000, false);
  }

  /** Where the leader's store is not up, another replica leads, if a majority is. */
  void elect() {
    for (HeardRegion region : List.copyOf(regions.values())) {
      List<Peer> live = region.descriptor().peers().stream()
          .filter(peer -> peer.role() == PeerRole.VOTER)
          .filter(peer -> {
            StoreView store = stores.get(peer.store().value());
            return store != null && store.isUp();
          })
          .toList();
      boolean majority = live.size() * 2 > region.descriptor().peers().size();
      boolean led = region.leader().filter(live::contains).isPresent();
      if (!led) {
        put(new HeardRegion(
            region.descriptor(),
            majority ? Optional.of(live.get(0)) : Optional.empty(),
            region.term() + 1,
            region.approximateBytes(),
            region.approximateKeys(),
            region.health(),
            region.load()));
      }
    }
  }

  void quota(long id, double add, double remove) {
    StoreView store = stores.get(id);
    if (store == null) {
      throw new IllegalArgumentException("store " + id);
    }
    stores.put(id, store.with(new StoreView.Quota(add, remove), store.tally()));
  }

  /** The first of the peers leads, if anyone does. */
  void region(long id, Bytes start, Bytes end, long bytes, List<Peer> peers, boolean led) {
    put(new HeardRegion(
        new RegionDescriptor(
            new RegionId(id), KeyRange.of(start, end), new RegionEpoch(1, 1), peers),
        led ? Optional.of(peers.get(0)) : Optional.empty(),
        1,
        bytes,
        bytes >> 10));
  }

  void health(long id, Map<Long, Long> downSince, Set<Long> pending, long rangeSince) {
    HeardRegion region = region(id);
    put(new HeardRegion(
        region.descriptor(),
        region.leader(),
        region.term(),
        region.approximateBytes(),
        region.approximateKeys(),
        new RegionHealth(downSince, pending, rangeSince),
        region.load()));
  }

  void load(long id, double written, double read, int samples) {
    HeardRegion region = region(id);
    put(new HeardRegion(
        region.descriptor(),
        region.leader(),
        region.term(),
        region.approximateBytes(),
        region.approximateKeys(),
        region.health(),
        new RegionLoad(written, read, samples)));
  }

  void damaged(long id, Set<Long> replicas) {
    damaged.put(new RegionId(id), replicas);
  }

  void busy(ClusterView.Busy now) {
    busy = now;
  }

  HeardRegion region(long id) {
    Bytes start = startOf.get(id);
    HeardRegion region = start == null ? null : regions.get(start);
    if (region == null) {
      throw new IllegalArgumentException("region " + id);
    }
    return region;
  }

  void put(HeardRegion region) {
    regions.put(region.descriptor().range().start(), region);
    startOf.put(region.descriptor().id().value(), region.descriptor().range().start());
  }

  long nowNanos() {
    return nowNanos;
  }

  void advance(long nanos) {
    nowNanos += nanos;
  }

  ClusterView view() {
    return ClusterView.of(stores.values(), List.copyOf(regions.values()), busy, nowNanos, round++)
        .withDamaged(damaged);
  }

  /** All steps at once, as if everything went well. */
  void obey(Operator operator) {
    HeardRegion region = region(operator.id().value());
    for (Step step : operator.withIds(() -> nextReplica++).steps()) {
      region = obey(region, step);
    }
    put(region);
  }

  private static HeardRegion obey(HeardRegion region, Step step) {
    RegionDescriptor before = region.descriptor();
    Optional<Peer> leader = region.leader();
    if (step instanceof Step.TransferLeader transfer) {
      leader = before.peerOn(transfer.to());
    }
    List<Peer> peers = new ArrayList<>(step.after(before.peers()));
    long membership = before.epoch().membership() + (peers.equals(before.peers()) ? 0 : 1);
    for (Peer peer : peers) {
      if (peer.role() == PeerRole.VOTER && leader.isEmpty()) {
        leader = Optional.of(peer);
      }
    }
    return new HeardRegion(
        new RegionDescriptor(
            before.id(),
            before.range(),
            new RegionEpoch(before.epoch().version(), membership),
            peers),
        leader,
        region.term(),
        region.approximateBytes(),
        region.approximateKeys(),
        region.health(),
        region.load());
  }
}
