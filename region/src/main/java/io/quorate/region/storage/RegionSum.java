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
  private long sum;
  private long count;

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
    sum = 0;
    count = 0;
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setSnapshot(snapshot)
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper)) {
      sumVersions(options);
      sumAll(SharedStore.LOCK, options);
      sumAll(SharedStore.TXN, options);
    } catch (RocksDBException e) {
      throw SharedStore.failed("summing up region data", e);
    }
    return new Sum(index, revision, sum, count);
  }

  private void sumVersions(ReadOptions options) throws RocksDBException {
    try (RocksIterator versions = store.db().newIterator(store.data(), options)) {
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
        add(hash(place, versions.value()));
        count++;
      }
      versions.status();
    }
  }

  /** Of locks and records of transactions every byte is alike everywhere; they are not counted as versions. */
  private void sumAll(String family, ReadOptions options) throws RocksDBException {
    try (RocksIterator entry = store.db().newIterator(store.family(family), options)) {
      for (entry.seekToFirst(); entry.isValid(); entry.next()) {
        CRC32C crc = new CRC32C();
        crc.update(entry.key(), 0, entry.key().length);
        crc.update(entry.value(), 0, entry.value().length);
        add(crc.getValue());
      }
      entry.status();
    }
  }

  private void add(long hash) {
    sum = (sum ^ hash) * SPREAD;
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
