package io.quorate.region.storage;

import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Walks the changes that are noted under one or several region ids, in the order of their places, as of its making. Tells what
 * is there: whether that is all, {@link ChangeReader#changes} has judged. One thread; close it.
 */
public final class ChangeScan implements AutoCloseable {
  private final List<Lane> lanes = new ArrayList<>();

  /** The changes under one id. */
  private static final class Lane {
    private final Slice upper;
    private final ReadOptions options;
    private final RocksIterator entries;
    private @Nullable NotedChange head;

    Lane(SharedStore store, RegionId region, ChangePlace after, long upTo) {
      this.upper = new Slice(ChangeRecord.key(region, upTo + 1, 0));
      this.options = new ReadOptions().setIterateUpperBound(upper);
      this.entries = store.db().newIterator(store.family(SharedStore.CHANGES), options);
      entries.seek(
          after.isEnd()
              ? ChangeRecord.key(region, after.revision() + 1, 0)
              : ChangeRecord.key(region, after.revision(), after.sub() + 1));
      fetch();
    }

    void fetch() {
      if (entries.isValid()) {
        ChangeRecord.Change change = ChangeRecord.decode(entries.value());
        head = new NotedChange(ChangeRecord.place(entries.key()), change.key(), change.delete());
        return;
      }
      head = null;
      try {
        entries.status();
      } catch (RocksDBException e) {
        throw SharedStore.failed("reading changes", e);
      }
    }

    void close() {
      entries.close();
      options.close();
      upper.close();
    }
  }

  ChangeScan() {}

  /** Walks what one region has noted itself. */
  public static ChangeScan of(SharedStore store, RegionId region, ChangePlace after, long upTo) {
    ChangeScan scan = new ChangeScan();
    scan.add(store, region, after, upTo);
    return scan;
  }

  /**
   * Adds what is noted under an id; before the first {@link #next}.
   *
   * @param after first place that is not wanted any more
   * @param upTo last revision that is wanted
   */
  void add(SharedStore store, RegionId region, ChangePlace after, long upTo) {
    if (upTo >= after.revision()) {
      lanes.add(new Lane(store, region, after, upTo));
    }
  }

  /** The next change; null at the end. */
  public @Nullable NotedChange next() {
    Lane first = first();
    if (first == null) {
      return null;
    }
    NotedChange next = first.head;
    first.entries.next();
    first.fetch();
    return next;
  }

  /** What {@link #next} will give. */
  public @Nullable NotedChange peek() {
    Lane first = first();
    return first == null ? null : first.head;
  }

  private @Nullable Lane first() {
    Lane first = null;
    for (Lane lane : lanes) {
      NotedChange head = lane.head;
      if (head != null
          && (first == null
              || first.head == null
              || head.place().compareTo(first.head.place()) < 0)) {
        first = lane;
      }
    }
    return first;
  }

  @Override
  public void close() {
    lanes.forEach(Lane::close);
  }
}
