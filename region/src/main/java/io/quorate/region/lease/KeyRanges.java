package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of keys as ranges. Immutable.
 *
 * @param ranges in key order, none touching the next
 */
public record KeyRanges(List<KeyRange> ranges) {
  public static final KeyRanges NONE = new KeyRanges(List.of());

  /** Ranges that are told apart, at most; beyond it the set grows by the keys between the first ones. */
  public static final int MAX_RANGES = 256;

  public KeyRanges {
    ranges = List.copyOf(ranges);
  }

  public static KeyRanges of(KeyRange range) {
    return NONE.with(range);
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  public boolean contains(Bytes key) {
    return ranges.stream().anyMatch(range -> range.contains(key));
  }

  /** Whether one of them holds all of the range. */
  public boolean contains(KeyRange range) {
    return ranges.stream().anyMatch(mine -> mine.contains(range));
  }

  /** With the range's keys; the same set if it has them all. */
  public KeyRanges with(KeyRange range) {
    if (range.isEmpty() || contains(range)) {
      return this;
    }
    List<KeyRange> sorted = new ArrayList<>(ranges);
    sorted.add(range);
    sorted.sort(Comparator.comparing(KeyRange::start));
    List<KeyRange> joined = new ArrayList<>();
    int surplus = sorted.size() - MAX_RANGES;
    for (KeyRange next : sorted) {
      KeyRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && (touches(last, next) || surplus > 0)) {
        surplus--;
        joined.set(joined.size() - 1, hull(last, next));
      } else {
        joined.add(next);
      }
    }
    return new KeyRanges(joined);
  }

  /** With the keys of both. */
  public KeyRanges unite(KeyRanges other) {
    KeyRanges united = this;
    for (KeyRange range : other.ranges) {
      united = united.with(range);
    }
    return united;
  }

  private static boolean touches(KeyRange left, KeyRange right) {
    return left.isUnbounded() || right.start().compareTo(left.end()) <= 0;
  }

  private static KeyRange hull(KeyRange left, KeyRange right) {
    boolean leftEndsLast = KeyRange.compareEnds(left.end(), right.end()) >= 0;
    return KeyRange.of(left.start(), leftEndsLast ? left.end() : right.end());
  }

  void write(ByteWriter out) {
    out.putVarint(ranges.size());
    ranges.forEach(range -> out.putBytes(range.start()).putBytes(range.end()));
  }

  static KeyRanges read(ByteReader in) {
    int count = in.takeCount();
    List<KeyRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ranges.add(new KeyRange(in.takeBytes(), in.takeBytes()));
    }
    return new KeyRanges(ranges);
  }

  int weight() {
    return ranges.stream()
        .mapToInt(range -> 4 + range.start().length() + range.end().length())
        .sum();
  }
}
