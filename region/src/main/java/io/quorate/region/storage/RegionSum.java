package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * Sums up a region's versions as of the moment it is made, which is on the apply thread; {@link #run} may come later, on any
 * thread. Close it: it keeps the database from dropping old versions.
 */
/*
 * Counted are the versions above the revision, and of each key the one that is visible at it, unless that is a tombstone: all
 * that cleaning up below the floor never touches, since the revision is not below the floor.
 */
public final class RegionSum implements AutoCloseable {
  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  private final SharedStore store;
  private final KeyRange range;
  private final long index;
  private final long revision;
  private final Snapshot snapshot;

  /**
   * What it came to.
   *
   * @param index of the entry it is as of
   * @param revision versions visible at or above it were counted
   * @param sum over them, in order
   * @param count of them
   */
  public record Sum(long index, long revision, long sum, long count) {}

  RegionSum(SharedStore store, KeyRange range, long index, long revision) {
    this.store = store;
    this.range = range;
    this.index = index;
    this.revision = revision;
    this.snapshot = store.db().getSnapshot();
  }

  /** Walks the whole range. */
  public Sum run() {
    long sum = 0;
    long count = 0;
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setSnapshot(snapshot)
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper);
        RocksIterator versions = store.db().newIterator(store.data(), options)) {
      byte @Nullable [] shown = null;
      for (versions.seekToFirst(); versions.isValid(); versions.next()) {
        byte[] place = versions.key();
        boolean below = VersionKey.revision(place) <= revision;
        if (below) {
          boolean hidden = shown != null && VersionKey.sameKey(shown, place);
          shown = place;
          if (hidden || VersionKey.isTombstone(place)) {
            continue;
          }
        }
        sum = (sum ^ hash(place, versions.value())) * SPREAD;
        count++;
      }
      versions.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("summing up region data", e);
    }
    return new Sum(index, revision, sum, count);
  }

  private static long hash(byte[] place, byte[] record) {
    Version version = VersionRecord.decode(place, record, true);
    CRC32C crc = new CRC32C();
    crc.update(place, 0, place.length);
    crc.update(version.value().unsafeArray(), 0, version.value().length());
    return crc.getValue()
        + 31 * (version.createRevision() + 31 * (version.version() + 31 * version.lease()));
  }

  @Override
  public void close() {
    store.db().releaseSnapshot(snapshot);
    snapshot.close();
  }
}
