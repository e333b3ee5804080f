package io.quorate.client.txn;

import io.quorate.client.Compare;
import io.quorate.client.KeyValue;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of the state at a transaction's start revision: the keys of the ranges that were read. Pure; owned by one
 * transaction, one call at a time.
 */
final class StartState {
  private record Known(KeyValue kv, boolean whole) {}

  private final NavigableMap<Bytes, Known> keys = new TreeMap<>();

  /**
   * Takes in all keys of a range.
   *
   * @param whole whether they come with their values
   */
  void add(List<KeyValue> kvs, boolean whole) {
    for (KeyValue kv : kvs) {
      Known known = keys.get(kv.key());
      if (known == null || !known.whole()) {
        keys.put(kv.key(), new Known(kv, whole));
      }
    }
  }

  Optional<KeyValue> find(Bytes key) {
    Known known = keys.get(key);
    return known == null ? Optional.empty() : Optional.of(known.kv());
  }

  /** The live keys of a range that was read, in key order. */
  Collection<KeyValue> in(KeyRange range) {
    if (range.isEmpty()) {
      return List.of();
    }
    NavigableMap<Bytes, Known> inside = range.isUnbounded()
        ? keys.tailMap(range.start(), true)
        : keys.subMap(range.start(), true, range.end(), false);
    return inside.values().stream().map(Known::kv).toList();
  }

  /** Whether the condition holds; its range was read. */
  boolean meets(Compare compare) {
    Collection<KeyValue> found = in(compare.range());
    if (found.isEmpty()) {
      // An absent key has no value to compare, not even as unequal (etcd server/etcdserver/txn:
      // applyCompare).
      return compare.target() != Compare.Target.VALUE && holds(compare, 0);
    }
    return found.stream().allMatch(kv -> holds(compare, kv));
  }

  private static boolean holds(Compare compare, KeyValue kv) {
    return switch (compare.target()) {
      case VERSION -> holds(compare, kv.version());
      case CREATE_REVISION -> holds(compare, kv.createRevision());
      case MOD_REVISION -> holds(compare, kv.modRevision());
      case LEASE -> holds(compare, kv.lease());
      case VALUE -> isMet(compare, kv.value().compareTo(compare.value()));
    };
  }

  private static boolean holds(Compare compare, long actual) {
    return isMet(compare, Long.compare(actual, compare.number()));
  }

  private static boolean isMet(Compare compare, int order) {
    return switch (compare.relation()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
    };
  }
}
