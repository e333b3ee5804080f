package io.quorate.cli.soak;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the regions of one published map own every key exactly once. Pure.
 *
 * @param holes ranges that none of them owns
 * @param overlaps in words, each pair of neighbours that both own some key
 */
record Tiling(List<KeyRange> holes, List<String> overlaps) {
  Tiling {
    holes = List.copyOf(holes);
    overlaps = List.copyOf(overlaps);
  }

  /**
   * Judges.
   *
   * @param regions the whole map, in order of their first keys
   */
  static Tiling of(List<RegionDescriptor> regions) {
    List<KeyRange> holes = new ArrayList<>();
    List<String> overlaps = new ArrayList<>();
    Bytes reached = Bytes.EMPTY;
    boolean ended = false;
    RegionDescriptor before = null;
    for (RegionDescriptor region : regions) {
      Bytes start = region.range().start();
      if (before != null && (ended || start.compareTo(reached) < 0)) {
        overlaps.add(before + " and " + region);
      } else if (start.compareTo(reached) > 0) {
        holes.add(KeyRange.of(reached, start));
      }
      if (!ended && (region.range().isUnbounded() || region.range().end().compareTo(reached) > 0)) {
        reached = region.range().end();
        ended = region.range().isUnbounded();
      }
      before = region;
    }
    if (!ended) {
      holes.add(KeyRange.of(reached, Bytes.EMPTY));
    }
    return new Tiling(holes, overlaps);
  }
}
