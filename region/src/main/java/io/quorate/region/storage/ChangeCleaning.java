package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.Keyspace;
import io.quorate.model.RegionDescriptor;
import io.quorate.region.mvcc.BigEndian;
import io.quorate.region.mvcc.VersionKey;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Works off the changes that are noted between where the region is clean and its goal, some revisions at a time. Since every
 * version of that stretch is noted, and at most one lies below it, only that one must be looked up. Owned by a
 * {@link CleaningPass}.
 */
final class ChangeCleaning implements CleaningPass.Work {
  private final SharedStore store;
  private final RegionDescriptor region;
  private final long goal;
  private long upTo;
  private long removed;
  private long looked;

  ChangeCleaning(SharedStore store, RegionDescriptor region, long cleaned, long goal) {
    this.store = store;
    this.region = region;
    this.goal = goal;
    this.upTo = cleaned;
  }

  @Override
  public long step(int records) throws RocksDBException {
    TreeMap<Bytes, byte[]> newest = new TreeMap<>();
    long reached = goal;
    try (CleaningPass.Removals removals = new CleaningPass.Removals(store);
        Slice upper = new Slice(ChangeRecord.key(region.id(), goal + 1, 0));
        ReadOptions options = new ReadOptions()
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateUpperBound(upper);
        RocksIterator change = store.db().newIterator(store.family(SharedStore.CHANGES), options)) {
      int seen = 0;
      long revision = upTo;
      for (change.seek(ChangeRecord.key(region.id(), upTo + 1, 0));
          change.isValid();
          change.next()) {
        byte[] place = change.key();
        long next = BigEndian.getLong(place, Long.BYTES);
        if (seen >= records && next != revision) {
          reached = revision;
          break;
        }
        seen++;
        revision = next;
        ChangeRecord.Change noted = ChangeRecord.decode(change.value());
        if (region.range().contains(noted.key())) {
          byte[] version = VersionKey.encode(
              Keyspace.USER,
              noted.key(),
              revision,
              BigEndian.getInt(place, 2 * Long.BYTES),
              noted.delete());
          byte @Nullable [] superseded = newest.put(noted.key(), version);
          if (superseded != null) {
            removals.add(superseded);
          }
        }
      }
      change.status();
      looked += seen;
      removeBelow(newest, removals);
      removals.write();
      removed += removals.written();
    }
    upTo = reached;
    return reached;
  }

  /** What lies below the stretch is older than all of it; and a tombstone that hides nothing any more goes last. */
  private void removeBelow(Map<Bytes, byte[]> newest, CleaningPass.Removals removals)
      throws RocksDBException {
    try (RocksIterator version = store.db().newIterator(store.data(), store.pointOptions())) {
      for (Map.Entry<Bytes, byte[]> key : newest.entrySet()) {
        byte[] kept = key.getValue();
        version.seek(VersionKey.seekFrom(kept, upTo));
        while (version.isValid() && VersionKey.sameKey(kept, version.key())) {
          removals.add(version.key());
          version.next();
        }
        version.status();
        if (VersionKey.isTombstone(kept)) {
          removals.add(kept);
        }
      }
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
