package io.quorate.region.storage;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.command.MergeState;
import io.quorate.region.transaction.LockTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.WriteBatch;

/**
 * The end of a merge on one replica: the left region takes the right one in, in one write, so that a crash leaves two regions or
 * one. Made for one merge on the apply thread of the left region.
 */
/*
 * Data do not move, they lie by key. The left region gets the descriptor of both, and the union of all side tables. The right one's
 * records go, a tombstone says that no replica of it ever comes back, and its replica is marked as merged: its log still runs, and
 * can neither be stopped nor deleted on this thread. It is deleted once it is down, by whoever finds the mark, at the latest by the
 * next start. Until then it is frozen, knows that it is over, and writes nothing that outlives the mark.
 *
 * That the right replica is here, frozen and at the same epoch is sure: the merge was committed only after this store had said, with
 * both the beginning in the left log and the freeze on disk, that it is so; and since then neither could go.
 */
final class MergeWrite {
  private final SharedStore store;
  private final RegionStore.State before;
  private final RegionDescriptor whole;
  private final MergeState.Pending merge;

  MergeWrite(
      SharedStore store,
      RegionStore.State before,
      RegionDescriptor whole,
      MergeState.Pending merge) {
    this.store = store;
    this.before = before;
    this.whole = whole;
    this.merge = merge;
  }

  /** Writes; the state of the left region after it. */
  RegionStore.State write(long index, long term) {
    RegionStore right = store.opened(merge.right().id()).orElseThrow(() -> lacks("it is not here"));
    List<RegionStore.State> after = new ArrayList<>(1);
    boolean ends = right.end(() -> {
      synchronized (store.arrivals()) {
        after.add(writeAlone(right, index, term));
      }
    });
    if (!ends) {
      throw lacks("it has ended here before");
    }
    return after.get(0);
  }

  private RegionStore.State writeAlone(RegionStore right, long index, long term) {
    RegionId left = whole.id();
    MergeState rights = right.mergeState();
    RegionDescriptor here = right.descriptor();
    if (!here.epoch().equals(merge.right().epoch())
        || !here.range().equals(merge.right().range())) {
      throw lacks("it is " + here + " here");
    }
    if (!rights.isFrozenFor(left, merge.generation())) {
      throw lacks("it is not frozen here for merge " + merge.generation());
    }
    MergeState after = before.merge().committed(merge.generation(), merge.right(), rights);
    RegionMeta.Position position = new RegionMeta.Position(
        index, term, Math.max(before.position().lastStamp(), right.lastStamp()));
    SideTables.Sides sides = new SideTables.Sides(
        store, left, merge.right().id(), before.position().lastStamp(), right.lastStamp());
    try (WriteBatch batch = new WriteBatch()) {
      store.putMeta(batch, RegionMeta.DESCRIPTOR, left, RegionMeta.descriptor(whole));
      store.putMeta(batch, RegionMeta.APPLIED, left, RegionMeta.position(position));
      store.putMeta(batch, RegionMeta.MERGE, left, MergeRecord.encode(after));
      SideTables.unite(batch, sides);
      store.end(batch, right.descriptor());
      store.write(batch);
    }
    return new RegionStore.State(
        whole,
        position,
        Math.max(before.floor(), right.floor()),
        after,
        whole.epoch().version(),
        LockTable.of(Stream.concat(
                before.locks().part(before.descriptor().range()).stream(),
                right.state().locks().part(here.range()).stream())
            .toList()));
  }

  private IllegalStateException lacks(String why) {
    return new IllegalStateException(whole + " takes in " + merge.right() + ", but " + why);
  }
}
