package io.quorate.region.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quorate.model.RegionId;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long a region that was cut off here is without a leader: from the write of the split until this store leads it.
 * Stands before the store's own listener. Owned by the engine; any thread.
 */
final class SplitLeaders implements RegionListener {
  private static final Logger log = LoggerFactory.getLogger(SplitLeaders.class);

  private final RegionListener next;
  private final LongSupplier clock;
  private final Timer timer;
  /** When they were cut off; each is here until somebody leads it. */
  private final Map<RegionId, Long> waiting = new ConcurrentHashMap<>();

  SplitLeaders(RegionListener next, MeterRegistry metrics, LongSupplier clock) {
    this.next = next;
    this.clock = clock;
    this.timer = Timer.builder("quorate.region.split.leader")
        .description("from a split until the new region is led by the store that led the whole")
        .register(metrics);
  }

  /** A region was cut off, and this store campaigns for it. */
  void awaited(RegionId child) {
    waiting.put(child, clock.getAsLong());
  }

  /** It does not start here. */
  void givenUp(RegionId child) {
    waiting.remove(child);
  }

  @Override
  public void onChanged(RegionHost region) {
    RegionId id = region.descriptor().id();
    Long since = waiting.get(id);
    if (since != null) {
      boolean other =
          region.leader().filter(peer -> peer.replica() != region.selfReplica()).isPresent();
      if ((region.leading() || other) && waiting.remove(id, since)) {
        long nanos = clock.getAsLong() - since;
        if (other) {
          log.info("region={} is led elsewhere, {} ms after it was cut off", id, nanos / 1_000_000);
        } else {
          timer.record(nanos, TimeUnit.NANOSECONDS);
          log.info("region={} is led {} ms after it was cut off", id, nanos / 1_000_000);
        }
      }
    }
    next.onChanged(region);
  }

  @Override
  public void onFailed(RegionHost region, String reason) {
    waiting.remove(region.descriptor().id());
    next.onFailed(region, reason);
  }
}
