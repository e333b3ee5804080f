package io.quorate.client.retry;

/**
 * Pauses that double from a smallest to a greatest, spread by jitter so that many callers that
 * failed together do not come back together. Pure.
 *
 * @param minMillis first pause, 1 or more
 * @param maxMillis greatest pause, up to an hour
 */
public record Backoff(long minMillis, long maxMillis) {
  private static final int DOUBLINGS_MAX = 20;
  private static final long MILLIS_MAX = 3_600_000;

  public Backoff {
    if (minMillis < 1 || maxMillis < minMillis || maxMillis > MILLIS_MAX) {
      throw new IllegalArgumentException("backoff of " + minMillis + " to " + maxMillis + " ms");
    }
  }

  /**
   * The pause before the next attempt: between half and all of the doubled step.
   *
   * @param failures failures so far, 1 or more
   * @param jitter drawn from [0, 1)
   * @return milliseconds, at least 1
   */
  public long delayMillis(int failures, double jitter) {
    int doublings = Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
    double step = (double) Math.min(maxMillis, minMillis << doublings);
    return Math.max(1, Math.round(step / 2 + jitter * step / 2));
  }
}
