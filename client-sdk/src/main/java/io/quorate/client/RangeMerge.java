package io.quorate.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Joins what regions answered for the parts of one range into the answer for the whole, as if one
 * region had given it. Pure.
 */
final class RangeMerge {
  private RangeMerge() {}

  /**
   * The whole answer: sorted, then cut.
   *
   * @param parts in key order, each sorted as asked for and cut at the limit or later
   */
  static RangeResult merge(long revision, List<RangeResult> parts, RangeOptions options) {
    List<KeyValue> all = new ArrayList<>();
    List<RangeResult> ordered = new ArrayList<>(parts);
    boolean byKey = options.target() == SortTarget.KEY;
    if (byKey && options.order() == SortOrder.DESCENDING) {
      Collections.reverse(ordered);
    }
    long count = 0;
    boolean more = false;
    for (RangeResult part : ordered) {
      all.addAll(part.kvs());
      count += part.count();
      more |= part.more();
    }
    if (!byKey) {
      all.sort(options.comparator());
    }
    long limit = options.limit();
    if (limit > 0 && all.size() > limit) {
      more = true;
      all = all.subList(0, (int) limit);
    }
    return new RangeResult(revision, all, more, count);
  }

  /** The same keys in the same order. */
  static RangeResult withoutValues(RangeResult result) {
    List<KeyValue> keys = result.kvs().stream().map(KeyValue::withoutValue).toList();
    return new RangeResult(result.revision(), keys, result.more(), result.count());
  }
}
