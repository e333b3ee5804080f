package io.quorate.region.host;

import io.quorate.region.split.SizeMarks;
import io.quorate.region.storage.RegionStore;
import java.util.concurrent.atomic.LongAdder;

/**
 * About how many keys a replica holds: counted by a walk or guessed from a sample, then kept up with what apply creates and
 * deletes. Owned by the state machine; told by the apply thread, asked by any, which may read a little.
 */
final class SizeEstimate {
  /** Versions looked at for a guess. */
  private static final int SAMPLE = 2000;

  private static final long UNKNOWN = -1;

  private final RegionStore store;
  private final LongAdder born = new LongAdder();
  private volatile long base = UNKNOWN;

  SizeEstimate(RegionStore store) {
    this.store = store;
  }

  /** So many keys were created; fewer than none if more were deleted. */
  void changed(long keys) {
    born.add(keys);
  }

  /** The region was cut: nothing is known of the part that stays. */
  void forget() {
    base = UNKNOWN;
  }

  long keys() {
    if (base == UNKNOWN) {
      learn(store.measure(SAMPLE), store.approximateBytes());
    }
    return Math.max(0, base + born.sum());
  }

  /** Takes in what a walk has found. */
  void learn(SizeMarks seen, long approximateBytes) {
    long keys = seen.whole() || seen.bytes() == 0
        ? seen.keys()
        : Math.max(seen.keys(), (long) ((double) seen.keys() * approximateBytes / seen.bytes()));
    // What is applied during the walk is counted twice or not at all: it is an estimate.
    base = keys - born.sum();
  }
}
