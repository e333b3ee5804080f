package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.split.SizeMarks;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Measures a range by walking its versions without fetching their values. Stateless; waits for the disk. */
final class SizeWalk {
  private static final byte[] NOTHING = new byte[0];

  private SizeWalk() {}

  /**
   * Walks.
   *
   * @param maxVersions after which it stops, and measures only what it has seen
   */
  static SizeMarks measure(SharedStore store, KeyRange range, long maxVersions) {
    SizeMarks.Builder marks = new SizeMarks.Builder();
    boolean whole;
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper);
        RocksIterator versions = store.db().newIterator(store.data(), options)) {
      byte @Nullable [] last = null;
      long seen = 0;
      for (versions.seekToFirst(); versions.isValid() && seen < maxVersions; versions.next()) {
        byte[] place = versions.key();
        long bytes = place.length + (long) versions.value(NOTHING);
        if (last == null || !VersionKey.sameKey(last, place)) {
          marks.key(() -> VersionKey.key(place), !VersionKey.isTombstone(place));
        }
        marks.version(bytes);
        last = place;
        seen++;
      }
      whole = !versions.isValid();
      versions.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("measuring a range", e);
    }
    return marks.build(whole);
  }
}
