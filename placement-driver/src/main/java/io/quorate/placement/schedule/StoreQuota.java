package io.quorate.placement.schedule;

import io.quorate.model.StoreId;
import java.util.HashMap;
import java.util.Map;

/**
 * How fast replicas may come to and leave each store: a bucket each, filled by store-limit-add-peer and -remove-peer. One call
 * may overdraw a bucket by what it takes; then it waits. Part of the {@link OperatorBook}, under its owner's lock.
 */
final class StoreQuota {
  /** A bucket holds what comes in so many seconds, at least one replica. */
  private static final double BURST_SECONDS = 10;

  private static final class Bucket {
    private double tokens;
    private long filledNanos;
  }

  private final Limits limits;
  private final Map<StoreId, Bucket> add = new HashMap<>();
  private final Map<StoreId, Bucket> remove = new HashMap<>();

  StoreQuota(Limits limits) {
    this.limits = limits;
  }

  StoreView.Quota left(StoreId store, long nowNanos) {
    return new StoreView.Quota(
        bucket(add, Setting.STORE_LIMIT_ADD_PEER, store, nowNanos).tokens,
        bucket(remove, Setting.STORE_LIMIT_REMOVE_PEER, store, nowNanos).tokens);
  }

  void takeAdd(StoreId store, double cost, long nowNanos) {
    bucket(add, Setting.STORE_LIMIT_ADD_PEER, store, nowNanos).tokens -= cost;
  }

  void takeRemove(StoreId store, double cost, long nowNanos) {
    bucket(remove, Setting.STORE_LIMIT_REMOVE_PEER, store, nowNanos).tokens -= cost;
  }

  private Bucket bucket(Map<StoreId, Bucket> of, Setting setting, StoreId store, long nowNanos) {
    double perMinute = limits.ratio(setting);
    double most = perMinute == 0 ? 0 : Math.max(1, perMinute / 60 * BURST_SECONDS);
    Bucket bucket = of.computeIfAbsent(store, any -> {
      Bucket full = new Bucket();
      full.tokens = most;
      full.filledNanos = nowNanos;
      return full;
    });
    double came = perMinute / 60 * ((nowNanos - bucket.filledNanos) / 1e9);
    bucket.tokens = Math.min(most, bucket.tokens + came);
    bucket.filledNanos = nowNanos;
    return bucket;
  }
}
