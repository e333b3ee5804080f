package io.quorate.region.lease;

/** How many leases may end now on one store, over all regions: a bucket that fills with time. Any thread. */
public final class LeaseQuota {
  private static final long NANOS = 1_000_000_000L;

  private final int perSecond;
  private double tokens;
  private long filledAt;

  /**
   * A full bucket.
   *
   * @param now nanoseconds, monotonic
   */
  public LeaseQuota(int perSecond, long now) {
    this.perSecond = perSecond;
    this.tokens = perSecond;
    this.filledAt = now;
  }

  /** Takes up to as many as wanted. */
  public synchronized int take(long now, int wanted) {
    double gained = (double) Math.max(0, now - filledAt) * perSecond / NANOS;
    tokens = Math.min(perSecond, tokens + gained);
    filledAt = now;
    int taken = Math.min(wanted, (int) tokens);
    tokens -= taken;
    return taken;
  }

  /** Puts back what was not needed. */
  public synchronized void giveBack(int count) {
    tokens = Math.min(perSecond, tokens + count);
  }
}
