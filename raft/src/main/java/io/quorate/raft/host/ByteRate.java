package io.quorate.raft.host;

/** How long to wait so that no more than so many bytes per second pass; any thread, given the time. */
final class ByteRate {
  /** What may pass at once after a rest. */
  private static final long BURST_NANOS = 50_000_000;

  private final double nanosPerByte;
  private long freeAtNanos = Long.MIN_VALUE;

  ByteRate(long bytesPerSecond) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
  }

  /** Takes the bytes in and answers the nanoseconds to wait before they pass. */
  synchronized long take(int bytes, long nowNanos) {
    if (freeAtNanos == Long.MIN_VALUE || freeAtNanos - nowNanos < -BURST_NANOS) {
      freeAtNanos = nowNanos - BURST_NANOS;
    }
    long wait = Math.max(0, freeAtNanos - nowNanos);
    freeAtNanos += (long) (bytes * nanosPerByte);
    return wait;
  }
}
