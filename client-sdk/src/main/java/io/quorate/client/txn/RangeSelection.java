package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a range's answer of its keys, as a region does (etcd server/etcdserver/txn/range.go): filter, sort, limit; the count heeds
 * none of them. Pure.
 */
final class RangeSelection {
  private RangeSelection() {}

  /**
   * The answer.
   *
   * @param keys all live ones of the range, in key order
   * @param revision of the answer
   */
  static RangeResult of(List<KeyValue> keys, RangeOptions options, long revision) {
    long count = options.count() || options.countOnly() ? keys.size() : 0;
    if (options.countOnly()) {
      return new RangeResult(revision, List.of(), false, count);
    }
    List<KeyValue> found = new ArrayList<>();
    for (KeyValue kv : keys) {
      if (options.filter().accepts(kv)) {
        found.add(kv);
      }
    }
    found.sort(options.comparator());
    boolean more = options.limit() > 0 && found.size() > options.limit();
    if (more) {
      found = found.subList(0, (int) options.limit());
    }
    if (options.keysOnly()) {
      found = found.stream().map(KeyValue::withoutValue).toList();
    }
    return new RangeResult(revision, found, more, count);
  }
}
