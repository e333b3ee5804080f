package io.quorate.region.host;

import io.quorate.region.history.CleaningLimits;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.watch.WatchLimits;
import java.time.Duration;

/**
 * Sizes of what a store's regions share.
 *
 * @param region bounds of each region
 * @param regionThreads that run the regions' mailboxes, at least 1
 * @param readerThreads that run large ranges, at least 1
 * @param maxQueuedReads large ranges waiting for a reader thread
 * @param store of what the regions share in storage
 * @param tick how often deadlines are looked at
 * @param merges how long they may take
 * @param moves when replicas count as behind or down
 * @param cleaning how fast old versions are removed
 * @param leases bounds of leases
 * @param watch of watches
 * @param resolveEvery how often each led region is resolved though nobody asks
 */
public record StoreEngineConfig(
    RegionHostConfig region,
    int regionThreads,
    int readerThreads,
    int maxQueuedReads,
    SharedStoreConfig store,
    Duration tick,
    MoveLimits moves,
    CleaningLimits cleaning,
    MergeLimits merges,
    LeaseConfig leases,
    WatchLimits watch,
    Duration resolveEvery) {
  public static StoreEngineConfig defaults() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new StoreEngineConfig(
        RegionHostConfig.defaults(),
        Math.max(2, cores),
        Math.max(2, cores),
        1024,
        SharedStoreConfig.defaults(),
        Duration.ofMillis(50),
        MoveLimits.defaults(),
        CleaningLimits.defaults(),
        MergeLimits.defaults(),
        LeaseConfig.defaults(),
        WatchLimits.defaults(),
        Duration.ofSeconds(1));
  }
}
