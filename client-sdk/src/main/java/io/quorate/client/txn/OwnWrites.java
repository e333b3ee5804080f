package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What a transaction has written so far, seen over the state it reads. Pure; owned by one transaction, one call at a time. */
final class OwnWrites {
  /** Absent is deleted. */
  private final NavigableMap<Bytes, Optional<KeyValue>> written = new TreeMap<>();

  void put(KeyValue kv) {
    written.put(kv.key(), Optional.of(kv));
  }

  void delete(Bytes key) {
    written.put(key, Optional.empty());
  }

  boolean wrote(Bytes key) {
    return written.containsKey(key);
  }

  /** Empty if the key was deleted, or not written. */
  Optional<KeyValue> find(Bytes key) {
    return written.getOrDefault(key, Optional.empty());
  }

  boolean touch(KeyRange range) {
    return !inside(range).isEmpty();
  }

  private NavigableMap<Bytes, Optional<KeyValue>> inside(KeyRange range) {
    if (range.isEmpty()) {
      return new TreeMap<>();
    }
    return range.isUnbounded()
        ? written.tailMap(range.start(), true)
        : written.subMap(range.start(), true, range.end(), false);
  }

  /** The live keys of a range, in key order: those below, with what was written over them. */
  List<KeyValue> over(KeyRange range, Collection<KeyValue> below) {
    NavigableMap<Bytes, Optional<KeyValue>> mine = inside(range);
    if (mine.isEmpty()) {
      return List.copyOf(below);
    }
    TreeMap<Bytes, KeyValue> merged = new TreeMap<>();
    below.forEach(kv -> merged.put(kv.key(), kv));
    mine.forEach((key, kv) -> {
      if (kv.isPresent()) {
        merged.put(key, kv.get());
      } else {
        merged.remove(key);
      }
    });
    return new ArrayList<>(merged.values());
  }
}
