package io.quorate.cli.backup;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Spreads work over time so that a rate is not passed. Guarded by itself; told the time. */
final class Pace {
  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private long free;

  /**
   * @param bytesPerSecond 0: no limit
   */
  Pace(long bytesPerSecond, LongSupplier nanoTime) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.free = nanoTime.getAsLong();
  }

  /** Takes in that so much was done; nanoseconds to wait before more is. */
  synchronized long done(long bytes) {
    if (bytesPerSecond == 0) {
      return 0;
    }
    long now = nanoTime.getAsLong();
    free = Math.max(free, now) + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    return free - now;
  }
}
