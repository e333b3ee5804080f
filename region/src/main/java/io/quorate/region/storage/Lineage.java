package io.quorate.region.storage;

import io.quorate.model.RegionId;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Under which ids the older changes of a region's range are noted: those of the regions it was cut from. Pure; written beside
 * the descriptor.
 *
 * @param completeFrom below this revision, changes may be noted under ids that are not listed here: look at the data instead
 * @param ancestors oldest first; changes up to the revision of each may lie under its id
 */
record Lineage(long completeFrom, List<Ancestor> ancestors) {
  static final Lineage NONE = new Lineage(0, List.of());

  /** Ancestors that are remembered, at most. */
  static final int MAX_ANCESTORS = 64;

  private static final int FORMAT = 1;

  /**
   * A region that this one's keys belonged to.
   *
   * @param region its id
   * @param upTo last revision of these keys under that id, or a later one
   */
  record Ancestor(RegionId region, long upTo) {}

  Lineage {
    ancestors = List.copyOf(ancestors);
  }

  /** Of a child that is cut from a region of this lineage; what the floor has passed is forgotten. */
  Lineage ofChild(RegionId parent, long lastStamp, long floor) {
    List<Ancestor> kept = new ArrayList<>();
    for (Ancestor one : ancestors) {
      if (one.upTo() >= floor) {
        kept.add(one);
      }
    }
    kept.add(new Ancestor(parent, lastStamp));
    long complete = completeFrom;
    while (kept.size() > MAX_ANCESTORS) {
      complete = Math.max(complete, kept.remove(0).upTo() + 1);
    }
    return new Lineage(complete, kept);
  }

  /**
   * Of a region that takes in its right neighbour. Where the left one had been an ancestor of the right one, its own id needs no
   * mention any more: its own changes are looked at anyway.
   *
   * @param lastStamp the right one's last
   */
  Lineage joinedBy(RegionId left, Lineage rights, RegionId right, long lastStamp) {
    TreeMap<RegionId, Long> all = new TreeMap<>();
    for (Lineage one : List.of(this, rights)) {
      one.ancestors().forEach(known -> all.merge(known.region(), known.upTo(), Math::max));
    }
    all.merge(right, lastStamp, Math::max);
    all.remove(left);
    List<Ancestor> kept = new ArrayList<>();
    all.forEach((region, upTo) -> kept.add(new Ancestor(region, upTo)));
    kept.sort(Comparator.comparingLong(Ancestor::upTo));
    long complete = Math.max(completeFrom, rights.completeFrom());
    while (kept.size() > MAX_ANCESTORS) {
      complete = Math.max(complete, kept.remove(0).upTo() + 1);
    }
    return new Lineage(complete, kept);
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(16 + 20 * ancestors.size())
        .putByte(FORMAT)
        .putVarint(completeFrom)
        .putVarint(ancestors.size());
    ancestors.forEach(one -> out.putVarint(one.region().value()).putVarint(one.upTo()));
    return out.putChecksum(0).toByteArray();
  }

  static Lineage decode(byte[] record) {
    ByteReader in = new ByteReader(record, "lineage").checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    long complete = in.takeVarint();
    int count = in.takeCount();
    List<Ancestor> ancestors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ancestors.add(new Ancestor(new RegionId(in.takeVarint()), in.takeVarint()));
    }
    return new Lineage(complete, ancestors);
  }
}
