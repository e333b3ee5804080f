package io.quorate.region.storage;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells a reader whether its region was written to while it read: odd while a write is under way, changed after it. Written by
 * the region's apply thread, read by any.
 */
final class ApplySequence {
  private final AtomicLong sequence = new AtomicLong();

  /** Before the write becomes visible. */
  void begin() {
    sequence.incrementAndGet();
  }

  /** After the cache holds what was written. */
  void end() {
    sequence.incrementAndGet();
  }

  /** To be taken before reading. */
  long mark() {
    return sequence.get();
  }

  /** Whether what was read since the mark is still the newest. */
  boolean isUnchanged(long mark) {
    return (mark & 1) == 0 && sequence.get() == mark;
  }
}
