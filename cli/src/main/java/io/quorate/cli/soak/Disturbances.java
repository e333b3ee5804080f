package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.List;

/**
 * When something was done to a cluster that may have cost a region its leader: faults until the cluster had time to heal, changes of
 * regions until they had ended. Any thread.
 */
final class Disturbances {
  private static final long UNDER_WAY = Long.MAX_VALUE;

  /** Nanoseconds: from, until. */
  private final List<long[]> windows = new ArrayList<>();

  /** One begins now; what is returned ends it. */
  synchronized Runnable begin() {
    long[] window = {System.nanoTime(), UNDER_WAY};
    windows.add(window);
    return () -> end(window);
  }

  private synchronized void end(long[] window) {
    window[1] = System.nanoTime();
  }

  /** How many were under way at that time or began after it. */
  synchronized int since(long nanos) {
    return (int) windows.stream()
        .filter(window -> window[1] == UNDER_WAY || window[1] - nanos >= 0)
        .count();
  }
}
