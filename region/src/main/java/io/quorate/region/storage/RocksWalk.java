package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/** Walks the keys of a range in the family {@code data}, in the state as of its making. One thread; close it. */
final class RocksWalk implements KeyWalk {
  /** So many versions are stepped over one by one before a seek is tried: a seek costs about as much as these steps. */
  private static final int STEPS_BEFORE_SEEK = 6;

  private static final byte[] BEFORE_ALL = new byte[VersionKey.SUFFIX_BYTES];

  private final long revision;
  private final boolean values;
  private final Slice lower;
  private final Slice upper;
  private final ReadOptions options;
  private final RocksIterator versions;
  /** Where the iterator stands; null at its end, fetched once per place. */
  private byte @Nullable [] at;

  private byte[] place = BEFORE_ALL;
  private boolean started;

  RocksWalk(SharedStore store, KeyRange range, long revision, boolean values) {
    this.revision = revision;
    this.values = values;
    lower = new Slice(DataRange.lower(range));
    upper = new Slice(DataRange.upper(range.end()));
    // Filters are by key, and a walk goes over many.
    options = new ReadOptions()
        .setTotalOrderSeek(true)
        .setIterateLowerBound(lower)
        .setIterateUpperBound(upper);
    versions = store.db().newIterator(store.data(), options);
  }

  @Override
  public boolean next() {
    if (started) {
      leaveKey();
    } else {
      started = true;
      versions.seekToFirst();
      fetch();
    }
    while (at != null) {
      place = at;
      if (VersionKey.revision(place) <= revision) {
        return true;
      }
      reachRevision();
    }
    try {
      versions.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading a range", e);
    }
    return false;
  }

  /** From a version above the revision to the first of its key, or of a later key, that is not. */
  private void reachRevision() {
    for (int i = 0; i < STEPS_BEFORE_SEEK; i++) {
      step();
      if (at == null || !VersionKey.sameKey(place, at) || VersionKey.revision(at) <= revision) {
        return;
      }
    }
    versions.seek(VersionKey.seekFrom(place, revision));
    fetch();
  }

  private void leaveKey() {
    for (int i = 0; i < STEPS_BEFORE_SEEK; i++) {
      step();
      if (at == null || !VersionKey.sameKey(place, at)) {
        return;
      }
    }
    versions.seek(VersionKey.after(place));
    fetch();
  }

  private void step() {
    versions.next();
    fetch();
  }

  private void fetch() {
    at = versions.isValid() ? versions.key() : null;
  }

  @Override
  public Bytes key() {
    return VersionKey.key(place);
  }

  @Override
  public boolean isLive() {
    return !VersionKey.isTombstone(place);
  }

  @Override
  public Version version() {
    if (values) {
      return VersionRecord.decode(place, versions.value(), true);
    }
    byte[] head = new byte[VersionRecord.HEAD_BYTES];
    int length = versions.value(head);
    byte[] record = length < head.length ? Arrays.copyOf(head, length) : head;
    return VersionRecord.decode(place, record, false);
  }

  @Override
  public void close() {
    versions.close();
    options.close();
    lower.close();
    upper.close();
  }
}
