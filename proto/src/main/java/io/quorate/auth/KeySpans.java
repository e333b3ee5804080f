package io.quorate.auth;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** A set of keys made of ranges: those that touch each other are one, so that a range is covered if a single one holds it. Immutable. */
final class KeySpans {
  private static final Bytes FIRST = Bytes.wrap(new byte[1]);
  private static final KeySpans NONE = new KeySpans(new TreeMap<>());

  private final NavigableMap<Bytes, KeyRange> byStart;

  private KeySpans(NavigableMap<Bytes, KeyRange> byStart) {
    this.byStart = byStart;
  }

  static KeySpans of(List<KeyRange> ranges) {
    if (ranges.isEmpty()) {
      return NONE;
    }
    List<KeyRange> sorted = new ArrayList<>(ranges);
    sorted.removeIf(KeyRange::isEmpty);
    sorted.sort(Comparator.comparing(KeyRange::start));
    NavigableMap<Bytes, KeyRange> joined = new TreeMap<>();
    KeyRange last = null;
    for (KeyRange range : sorted) {
      if (last != null && (last.isUnbounded() || range.start().compareTo(last.end()) <= 0)) {
        last = KeyRange.compareEnds(last.end(), range.end()) >= 0
            ? last
            : KeyRange.of(last.start(), range.end());
      } else {
        last = range;
      }
      joined.put(last.start(), last);
    }
    return new KeySpans(joined);
  }

  /** Whether every key of the range is in. */
  boolean covers(KeyRange asked) {
    // No key is empty: the first one there can be is a zero byte.
    KeyRange range = asked.start().isEmpty() ? KeyRange.of(FIRST, asked.end()) : asked;
    return Optional.ofNullable(byStart.floorEntry(range.start()))
        .map(Map.Entry::getValue)
        .filter(span -> span.contains(range))
        .isPresent();
  }
}
