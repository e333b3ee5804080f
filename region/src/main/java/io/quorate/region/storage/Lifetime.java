package io.quorate.region.storage;

/**
 * Whether a replica still owns what it writes. It ends once: taken in by its left neighbour, by a snapshot of a region that it ended
 * in, or destroyed; whoever comes second finds it over, because the range may be another's by then. Owned by its {@link RegionStore};
 * any thread, and its monitor is held while the region is written.
 */
final class Lifetime {
  private boolean over;

  synchronized void whileAlive(Runnable write) {
    if (!over) {
      write.run();
    }
  }

  /** Runs the write that ends it; whether it was run. */
  synchronized boolean end(Runnable write) {
    if (over) {
      return false;
    }
    write.run();
    over = true;
    return true;
  }

  synchronized boolean isOver() {
    return over;
  }
}
