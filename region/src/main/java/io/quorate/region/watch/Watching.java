package io.quorate.region.watch;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.region.storage.RegionStore;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What all watches of a store share: limits, counts, room. Owned by the store's engine; any thread. */
public final class Watching {
  private final WatchLimits limits;
  private final Allowance allowance;
  private final WatchMeters meters;

  public Watching(WatchLimits limits, MeterRegistry metrics) {
    this.limits = limits;
    this.allowance = new Allowance(limits.storeBytes(), null);
    this.meters = new WatchMeters(metrics, allowance);
  }

  /**
   * The hub of one replica.
   *
   * @param onBroken told why, where the replica's data cannot be read
   */
  public WatchHub hub(RegionStore store, Consumer<String> onBroken) {
    return new WatchHub(store, limits, meters, onBroken);
  }

  /**
   * A connection.
   *
   * @param threads may wait for the disk
   * @param compacted below which watches are refused
   * @param door brings a watcher to its region
   */
  public WatchConnection connect(
      WatchSink sink, Executor threads, LongSupplier compacted, Consumer<WatchTicket> door) {
    return new WatchConnection(limits, allowance, sink, threads, compacted, door);
  }
}
