package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.VersionKey;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Looks at all versions of a range once, without their values, and removes what the floor lets go. Owned by a {@link CleaningPass}. */
final class ScanCleaning implements CleaningPass.Work {
  private final SharedStore store;
  private final KeyRange range;
  private final long goal;
  /** The last place looked at; null before the first. */
  private byte @Nullable [] at;
  /** Whether a version of the key at that place, at or below the goal, was seen. */
  private boolean shown;
  /** That version, where it is a tombstone: it goes after all that lie under it. */
  private byte @Nullable [] tombstone;

  private long removed;
  private long looked;

  ScanCleaning(SharedStore store, KeyRange range, long goal) {
    this.store = store;
    this.range = range;
    this.goal = goal;
  }

  @Override
  public long step(int records) throws RocksDBException {
    try (CleaningPass.Removals removals = new CleaningPass.Removals(store);
        Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper);
        RocksIterator version = store.db().newIterator(store.data(), options)) {
      seek(version);
      int seen = 0;
      while (version.isValid() && seen < records) {
        look(version.key(), removals);
        seen++;
        version.next();
      }
      version.status();
      boolean done = !version.isValid();
      if (done) {
        removeTombstone(removals);
      }
      removals.write();
      removed += removals.written();
      looked += seen;
      return done ? goal : 0;
    }
  }

  private void seek(RocksIterator version) {
    byte[] last = at;
    if (last == null) {
      version.seekToFirst();
      return;
    }
    version.seek(last);
    if (version.isValid() && java.util.Arrays.equals(version.key(), last)) {
      version.next();
    }
  }

  private void look(byte[] place, CleaningPass.Removals removals) throws RocksDBException {
    byte[] last = at;
    if (last == null || !VersionKey.sameKey(last, place)) {
      removeTombstone(removals);
      shown = false;
    }
    at = place;
    if (VersionKey.revision(place) > goal) {
      return;
    }
    if (shown) {
      removals.add(place);
    } else {
      shown = true;
      tombstone = VersionKey.isTombstone(place) ? place : null;
    }
  }

  private void removeTombstone(CleaningPass.Removals removals) throws RocksDBException {
    byte[] last = tombstone;
    if (last != null) {
      removals.add(last);
      tombstone = null;
    }
  }

  @Override
  public long removed() {
    return removed;
  }

  @Override
  public long looked() {
    return looked;
  }
}
