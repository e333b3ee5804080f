package io.quorate.region.mvcc;

import java.util.List;

/**
 * What a range read found.
 *
 * @param items live keys, in the order asked for
 * @param more whether a limit or the end of a page cut some off
 * @param count all live keys of the range at the revision; 0 if the count was not wanted
 */
public record RangeResult(List<KeyVersion> items, boolean more, long count) {
  public static final RangeResult EMPTY = new RangeResult(List.of(), false, 0);

  public RangeResult {
    items = List.copyOf(items);
  }
}
