package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Stamped;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One replica of a region in memory, naive: applies commands by their own rules, and may clean away what its floor lets go. */
final class MemoryRegion implements RegionView {
  private final RegionDescriptor descriptor;
  private final TreeMap<Bytes, TreeMap<Long, Version>> data = new TreeMap<>();
  private LockTable locks = new LockTable();
  private long lastStamp;
  private long floor;

  MemoryRegion(RegionDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  static RegionDescriptor shape(long id, KeyRange range, long version) {
    return new RegionDescriptor(new RegionId(id), range, new RegionEpoch(version, 1), List.of());
  }

  /** Applies; what was written is added to the list. */
  Outcome apply(Stamped stamped, List<Mutation> written) {
    PendingLocks pending = new PendingLocks(locks);
    Applied applied = stamped.apply(this, 1);
    for (Mutation mutation : applied.mutations()) {
      data.computeIfAbsent(mutation.key(), key -> new TreeMap<>())
          .put(mutation.version().modRevision(), mutation.version());
      written.add(mutation);
    }
    applied.locks().forEach(pending::add);
    locks.apply(pending.changes());
    if (applied.outcome() instanceof Outcome.Done done) {
      lastStamp = Math.max(lastStamp, Math.max(stamped.revision(), done.revision()));
    }
    return applied.outcome();
  }

  void raiseFloor(long to) {
    floor = to;
  }

  /** Removes what is superseded at or below the floor, and tombstones there. */
  void clean() {
    for (TreeMap<Long, Version> versions : data.values()) {
      Map.Entry<Long, Version> kept = versions.floorEntry(floor);
      if (kept != null) {
        versions.headMap(kept.getKey()).clear();
        if (!kept.getValue().isLive()) {
          versions.remove(kept.getKey());
        }
      }
    }
    data.values().removeIf(Map::isEmpty);
  }

  MemoryRegion part(RegionDescriptor shape) {
    MemoryRegion part = new MemoryRegion(shape);
    data.forEach((key, versions) -> {
      if (shape.range().contains(key)) {
        part.data.put(key, new TreeMap<>(versions));
      }
    });
    part.locks = LockTable.of(locks.part(shape.range()));
    part.lastStamp = lastStamp;
    part.floor = floor;
    return part;
  }

  static MemoryRegion union(RegionDescriptor shape, MemoryRegion left, MemoryRegion right) {
    MemoryRegion whole = new MemoryRegion(shape);
    for (MemoryRegion side : List.of(left, right)) {
      whole.data.putAll(side.data);
      whole.locks.apply(side.locks.part(side.descriptor.range()));
      whole.lastStamp = Math.max(whole.lastStamp, side.lastStamp);
      whole.floor = Math.max(whole.floor, side.floor);
    }
    return whole;
  }

  @Override
  public RegionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public long floor() {
    return floor;
  }

  @Override
  public long lastStamp() {
    return lastStamp;
  }

  @Override
  public LockTable locks() {
    return locks;
  }

  @Override
  public Version newest(Bytes key) {
    return at(key, NEWEST);
  }

  @Override
  public Version at(Bytes key, long revision) {
    TreeMap<Long, Version> versions = data.get(key);
    Map.Entry<Long, Version> found = versions == null ? null : versions.floorEntry(revision);
    return found == null ? Version.NONE : found.getValue();
  }

  @Override
  public KeyWalk walk(KeyRange range, long revision, boolean values) {
    List<Bytes> keys = new ArrayList<>();
    for (Bytes key : data.keySet()) {
      if (range.contains(key) && at(key, revision).modRevision() > 0) {
        keys.add(key);
      }
    }
    return new KeyWalk() {
      private int place = -1;

      @Override
      public boolean next() {
        return ++place < keys.size();
      }

      @Override
      public Bytes key() {
        return keys.get(place);
      }

      @Override
      public boolean isLive() {
        return version().isLive();
      }

      @Override
      public Version version() {
        return at(key(), revision);
      }

      @Override
      public void close() {}
    };
  }
}
