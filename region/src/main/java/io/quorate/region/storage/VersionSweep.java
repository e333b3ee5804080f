package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.VersionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Finds a range's changes in its versions: the way of those who cannot rely on the notes (decision 9). Reads all keys of the
 * range, without values, and keeps the earliest changes only. Stateless.
 */
final class VersionSweep {
  private VersionSweep() {}

  /**
   * Sweeps once.
   *
   * @param after first place that is not wanted any more
   * @param upTo last revision that is wanted
   * @param max changes kept, at least 1
   */
  static ChangeReader.Sweep of(
      SharedStore store, KeyRange range, ChangePlace after, long upTo, int max) {
    TreeMap<ChangePlace, NotedChange> earliest = new TreeMap<>();
    boolean all = true;
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options = new ReadOptions()
            .setTotalOrderSeek(true)
            .setFillCache(false)
            .setIterateLowerBound(lower)
            .setIterateUpperBound(upper);
        RocksIterator versions = store.db().newIterator(store.data(), options)) {
      for (versions.seekToFirst(); versions.isValid(); versions.next()) {
        byte[] at = versions.key();
        ChangePlace place = new ChangePlace(VersionKey.revision(at), VersionKey.sub(at));
        if (place.revision() > upTo || place.compareTo(after) <= 0) {
          continue;
        }
        if (earliest.size() == max) {
          all = false;
          if (place.compareTo(earliest.lastKey()) > 0) {
            continue;
          }
          earliest.pollLastEntry();
        }
        earliest.put(place, new NotedChange(place, VersionKey.key(at), VersionKey.isTombstone(at)));
      }
      versions.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading a range's versions", e);
    }
    List<NotedChange> changes = new ArrayList<>(earliest.values());
    return new ChangeReader.Sweep(changes, all);
  }
}
