package io.quorate.region.lease;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What the regions of a store share about leases. Owned by the store's engine; any thread. */
public final class StoreLeases {
  /** What is counted of leases whose homes are led here. */
  public enum Count {
    KEPT_ALIVE,
    EXPIRED,
    REVOKED,
    ENDED
  }

  private final LeaseConfig config;
  private final LeaseQuota quota;
  private volatile LeaseHomes homes = LeaseHomes.NONE;
  private volatile Runnable reaper = () -> {};
  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

  /**
   * @param now nanoseconds, monotonic, of the clock that the regions go by
   */
  public StoreLeases(LeaseConfig config, long now) {
    this.config = config;
    this.quota = new LeaseQuota(config.expiriesPerSecond(), now);
    for (Count count : Count.values()) {
      counts.put(count, new LongAdder());
    }
  }

  /** Counts something that was done. */
  public void count(Count what, long times) {
    Objects.requireNonNull(counts.get(what)).add(times);
  }

  /** How often it was done here. */
  public long counted(Count what) {
    return Objects.requireNonNull(counts.get(what)).sum();
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
