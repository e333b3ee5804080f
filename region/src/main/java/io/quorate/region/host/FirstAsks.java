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
  /** After so many patiences of silence an ask has ended: nobody waits any more, and the next one counts from anew. */
  private static final int SILENCE_PATIENCES = 10;

  private record Ask(long firstNanos, long lastNanos) {}

  private final int most;
  private final long patienceNanos;
  private final Map<RegionId, Ask> asks = new HashMap<>();

  /**
   * @param most regions remembered at once; the asks of others are put off
   */
  FirstAsks(int most, long patienceNanos) {
    this.most = most;
    this.patienceNanos = patienceNanos;
  }

  /** Whether it has been asked for long enough to be made; if so, it is counted from anew. */
  synchronized boolean isDue(RegionId region, long nowNanos) {
    Ask known = asks.get(region);
    if (known != null && !hasEnded(known, nowNanos)) {
      if (nowNanos - known.firstNanos() >= patienceNanos) {
        asks.remove(region);
        return true;
      }
      asks.put(region, new Ask(known.firstNanos(), nowNanos));
      return false;
    }
    if (known == null && asks.size() >= most) {
      // Those who gave up must not keep others out for ever.
      asks.values().removeIf(ask -> hasEnded(ask, nowNanos));
    }
    if (known != null || asks.size() < most) {
      asks.put(region, new Ask(nowNanos, nowNanos));
    }
    return false;
  }

  private boolean hasEnded(Ask ask, long nowNanos) {
    return nowNanos - ask.lastNanos() > SILENCE_PATIENCES * patienceNanos;
  }

  /** A replica of it is here. */
  synchronized void came(RegionId region) {
    asks.remove(region);
  }
}
