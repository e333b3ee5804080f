package io.quorate.region.lease;

/** What the regions of a store share about leases. Owned by the store's engine; any thread. */
public final class StoreLeases {
  private final LeaseConfig config;
  private final LeaseQuota quota;
  private volatile LeaseHomes homes = LeaseHomes.NONE;
  private volatile Runnable reaper = () -> {};

  /**
   * @param now nanoseconds, monotonic, of the clock that the regions go by
   */
  public StoreLeases(LeaseConfig config, long now) {
    this.config = config;
    this.quota = new LeaseQuota(config.expiriesPerSecond(), now);
  }

  public LeaseConfig config() {
    return config;
  }

  /** Leases that may end now on this store. */
  public LeaseQuota quota() {
    return quota;
  }

  /**
   * Says how to reach homes, and who carries out revocations.
   *
   * @param wake called when a lease is being revoked whose home is led here; must be short
   */
  public void connect(LeaseHomes to, Runnable wake) {
    homes = to;
    reaper = wake;
  }

  public LeaseHomes homes() {
    return homes;
  }

  /** A lease is being revoked. */
  public void wakeReaper() {
    reaper.run();
  }
}
