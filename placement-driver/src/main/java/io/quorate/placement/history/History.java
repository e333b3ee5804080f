package io.quorate.placement.history;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What PD must not forget of the past beside the compacted revision. Immutable; part of the cluster's image.
 *
 * @param barriers by name
 * @param times which revision was the newest when
 * @param nonce of the request that compacted last; 0 if nobody asked
 */
public record History(SortedMap<String, Barrier> barriers, TimeMap times, long nonce) {
  public static final History EMPTY = new History(new TreeMap<>(), TimeMap.EMPTY, 0);

  public History {
    barriers = Collections.unmodifiableSortedMap(new TreeMap<>(barriers));
  }

  /** What may be removed: nothing above the compacted revision, and nothing that a barrier's owner can read. */
  public long floor(long compacted) {
    return barriers.values().stream().mapToLong(Barrier::revision).reduce(compacted, Math::min);
  }

  public History with(Barrier barrier) {
    SortedMap<String, Barrier> all = new TreeMap<>(barriers);
    all.put(barrier.name(), barrier);
    return new History(all, times, nonce);
  }

  public History without(String name) {
    SortedMap<String, Barrier> all = new TreeMap<>(barriers);
    all.remove(name);
    return new History(all, times, nonce);
  }

  public History with(TimeMap map) {
    return new History(barriers, map, nonce);
  }

  public History compactedBy(long newNonce) {
    return new History(barriers, times, newNonce);
  }
}
