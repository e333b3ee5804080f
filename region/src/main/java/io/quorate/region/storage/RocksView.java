package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionSource;
import java.util.function.Predicate;

/** A region's versions as stored, the newest of them by way of the cache. Any thread; walks belong to their caller. */
final class RocksView implements VersionSource {
  private final SharedStore store;
  private final ApplySequence sequence;
  private final Predicate<Bytes> owned;

  /**
   * @param owned whether a key is the region's now: only then does its sequence tell of the key's writes
   */
  RocksView(SharedStore store, ApplySequence sequence, Predicate<Bytes> owned) {
    this.store = store;
    this.sequence = sequence;
    this.owned = owned;
  }

  @Override
  public Version newest(Bytes key) {
    Version cached = store.cache().get(key);
    if (cached != null) {
      return cached;
    }
    long mark = sequence.mark();
    try (PointLookup lookup = new PointLookup(store)) {
      return fill(key, lookup.at(key, NEWEST, true), mark);
    }
  }

  /** As {@link #newest(Bytes)}, with a lookup of the caller's that was made while nothing was being applied. */
  Version newest(Bytes key, PointLookup lookup) {
    Version cached = store.cache().get(key);
    return cached != null ? cached : fill(key, lookup.at(key, NEWEST, true), sequence.mark());
  }

  /** As {@link #head(Bytes)}, likewise. */
  Version head(Bytes key, PointLookup lookup) {
    Version cached = store.cache().head(key);
    if (cached != null) {
      return cached;
    }
    long mark = sequence.mark();
    Version found = lookup.at(key, NEWEST, false);
    store.cache().fillHead(key, found, () -> sequence.isUnchanged(mark));
    return found;
  }

  private Version fill(Bytes key, Version version, long mark) {
    store.cache().fill(key, version, () -> sequence.isUnchanged(mark) && owned.test(key));
    return version;
  }

  @Override
  public Version at(Bytes key, long revision) {
    Version newest = newest(key);
    if (newest.modRevision() <= revision) {
      return newest;
    }
    try (PointLookup lookup = new PointLookup(store)) {
      return lookup.at(key, revision, true);
    }
  }

  /**
   * The version that is noted to have been made. It is stored with its note, and told to the cache after that: behind a lock a
   * reader may meet what is being applied just now.
   */
  Version noted(NotedChange change) {
    Version found = at(change.key(), change.revision());
    if (found.modRevision() == change.revision()) {
      return found;
    }
    try (PointLookup lookup = new PointLookup(store)) {
      return lookup.at(change.key(), change.revision(), true);
    }
  }

  @Override
  public KeyWalk walk(KeyRange range, long revision, boolean values) {
    return new RocksWalk(store, range, revision, values);
  }
}
