package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.WriteLock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * A split on one replica: all of it is one write, so that a crash leaves nothing or everything. Made for one split on the apply
 * thread of the region that is cut.
 */
/*
 * A child gets its descriptor, its applied position (the base of its log, with the parent's last stamp, so that its revisions go
 * on above it), floor, lineage and Raft's first state. Data does not move. Of leases it gets what LeaseSlices says, of
 * transactions what LockSlices does. Names of writes lie by key.
 *
 * Three cases make a child that is not to live here. It has no peer on this store: this replica was removed before the split. It
 * has a tombstone: it was made elsewhere, moved here and away again before this replica came to the split. Or an empty peer of it
 * waits for a snapshot: then its leader has begun, and that peer may have promised something to a candidate, so it is let be. In
 * all three the data is deleted in the same write; later might be too late, another region's by then.
 */
final class SplitWrite {
  private final SharedStore store;
  private final ChildSeeds seeds;
  private final RegionStore.State before;
  private final Outcome.Split split;
  private final List<RegionStore> born = new ArrayList<>();
  private final List<KeyRange> gone = new ArrayList<>();

  SplitWrite(SharedStore store, ChildSeeds seeds, RegionStore.State before, Outcome.Split split) {
    this.store = store;
    this.seeds = seeds;
    this.before = before;
    this.split = split;
  }

  /**
   * Writes; the state of the parent after it.
   *
   * @param beforeLoss called before data are deleted, if any are
   */
  RegionStore.State write(long index, long term, Runnable beforeLoss) {
    synchronized (store.arrivals()) {
      return writeAlone(index, term, beforeLoss);
    }
  }

  private RegionStore.State writeAlone(long index, long term, Runnable beforeLoss) {
    RegionDescriptor parent = split.parent();
    RegionMeta.Position position =
        new RegionMeta.Position(index, term, before.position().lastStamp());
    byte[] known = store.readMeta(RegionMeta.LINEAGE, parent.id());
    Lineage lineage = (known == null ? Lineage.NONE : Lineage.decode(known))
        .ofChild(parent.id(), position.lastStamp(), before.floor());
    List<RegionDescriptor> here = new ArrayList<>();
    try (WriteBatch batch = new WriteBatch()) {
      store.putMeta(batch, RegionMeta.DESCRIPTOR, parent.id(), RegionMeta.descriptor(parent));
      store.putMeta(batch, RegionMeta.APPLIED, parent.id(), RegionMeta.position(position));
      for (RegionDescriptor child : split.children()) {
        if (livesHere(child)) {
          add(batch, child, lineage);
          LeaseSlices.cut(
              store, batch, parent.id(), child.id(), child.range(), awaited(child.range()));
          here.add(child);
        } else {
          RangeSlices.deleteKeys(store, batch, child.range());
          LeaseSlices.deletePart(store, batch, parent.id(), child.range());
          gone.add(child.range());
        }
      }
      here.add(parent);
      LockSlices.cut(store, batch, before.locks(), here);
      if (takesAway()) {
        beforeLoss.run();
      }
      store.write(batch);
    } catch (RocksDBException e) {
      throw SharedStore.failed("cutting region " + parent.id(), e);
    }
    gone.forEach(store.cache()::forget);
    return new RegionStore.State(
        parent,
        position,
        before.floor(),
        before.merge(),
        before.grownAt(),
        LockTable.of(before.locks().part(parent.range())));
  }

  /** Leases that keys of the range may come to hang on. */
  private Set<Long> awaited(KeyRange range) {
    Set<Long> leases = new HashSet<>();
    for (WriteLock lock : before.locks().writes(range, Integer.MAX_VALUE)) {
      leases.add(lock.intent().lease());
    }
    return leases;
  }

  private boolean livesHere(RegionDescriptor child) {
    if (child.peerOn(seeds.self()).isEmpty() || store.hasTombstone(child.id())) {
      return false;
    }
    if (store.readMeta(RegionMeta.DESCRIPTOR, child.id()) != null) {
      throw new IllegalStateException(
          child + " is here before its parent " + before.descriptor() + " was cut");
    }
    return store.replica(child.id()).isEmpty()
        && !seeds.isHere(new GroupId(child.id().value()));
  }

  private void add(WriteBatch batch, RegionDescriptor child, Lineage lineage) {
    RegionMeta.Position base = new RegionMeta.Position(
        Split.BASE_INDEX, Split.BASE_TERM, before.position().lastStamp());
    store.putMeta(batch, RegionMeta.DESCRIPTOR, child.id(), RegionMeta.descriptor(child));
    store.putMeta(batch, RegionMeta.APPLIED, child.id(), RegionMeta.position(base));
    store.putMeta(batch, RegionMeta.FLOOR, child.id(), RegionMeta.number(before.floor()));
    store.putMeta(batch, RegionMeta.LINEAGE, child.id(), lineage.encode());
    // Its keys' changes so far are noted under other ids.
    long upTo = store.cleaned(split.parent().id()).map(Cleaned::upTo).orElse(0L);
    Cleaned cleaned = new Cleaned(upTo, before.position().lastStamp());
    store.putMeta(batch, RegionMeta.CLEANED, child.id(), cleaned.encode());
    seeds.seed(
        batch,
        new GroupSeed(
            new GroupId(child.id().value()),
            base.index(),
            base.term(),
            new Membership(replicas(child, PeerRole.VOTER), replicas(child, PeerRole.LEARNER))));
    // A snapshot of the child, too, takes the place of what is left of regions that ended in its
    // range.
    MergeState merges = new MergeState(
        Optional.empty(), Optional.empty(), List.of(), before.merge().ended());
    store.putMeta(batch, RegionMeta.MERGE, child.id(), MergeRecord.encode(merges));
    born.add(store.opened(new RegionStore(
        store,
        new RegionStore.State(
            child,
            base,
            before.floor(),
            merges,
            child.epoch().version(),
            LockTable.of(before.locks().part(child.range()))))));
  }

  private static List<ReplicaId> replicas(RegionDescriptor region, PeerRole role) {
    return region.peers().stream()
        .filter(peer -> peer.role() == role)
        .map((Peer peer) -> new ReplicaId(peer.store().value(), peer.replica()))
        .toList();
  }

  /** Whether it deletes the data of children that do not live here. */
  boolean takesAway() {
    return !gone.isEmpty();
  }

  /** The children that live here. */
  List<RegionStore> born() {
    return born;
  }
}
