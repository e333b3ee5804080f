package io.quorate.region.watch;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Bytes that may wait: of a connection, and through its parent of the store. Any thread. */
final class Allowance {
  private final long limit;
  private final @Nullable Allowance parent;
  private final AtomicLong used = new AtomicLong();

  Allowance(long limit, @Nullable Allowance parent) {
    this.limit = limit;
    this.parent = parent;
  }

  /** Counts the bytes here and above unless that would pass a limit. */
  boolean take(long bytes) {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      return false;
    }
    if (parent != null && !parent.take(bytes)) {
      used.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
    if (parent != null) {
      parent.give(bytes);
    }
  }

  long used() {
    return used.get();
  }
}
