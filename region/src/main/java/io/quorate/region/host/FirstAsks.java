package io.quorate.region.host;

import io.quorate.model.RegionId;
import java.util.HashMap;
import java.util.Map;

/**
 * Since when leaders ask for replicas that are not here. A replica that a split is about to bring is asked for by its leader a moment
 * before; were an empty one made at once, the split would have to leave the child's data to it, and all of that would come again by
 * snapshot. So an ask must last. Owned by {@link ReplicaLife}; any thread.
 */
final class FirstAsks {
  private final int most;
  private final long patienceNanos;
  private final Map<RegionId, Long> since = new HashMap<>();

  /**
   * @param most regions remembered at once; the asks of others are put off
   */
  FirstAsks(int most, long patienceNanos) {
    this.most = most;
    this.patienceNanos = patienceNanos;
  }

  /** Whether it has been asked for long enough to be made; if so, it is counted from anew. */
  synchronized boolean isDue(RegionId region, long nowNanos) {
    Long first = since.get(region);
    if (first == null) {
      if (since.size() < most) {
        since.put(region, nowNanos);
      }
      return false;
    }
    if (nowNanos - first < patienceNanos) {
      return false;
    }
    since.remove(region);
    return true;
  }

  /** A replica of it is here. */
  synchronized void came(RegionId region) {
    since.remove(region);
  }
}
