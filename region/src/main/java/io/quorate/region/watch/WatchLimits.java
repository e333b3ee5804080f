package io.quorate.region.watch;

/**
 * Bounds of watching on one store. Who reaches one is not lost: its queue is dropped, and it goes on from the disk.
 *
 * @param watcherBytes of events that wait for one watcher
 * @param connectionBytes of events that wait for all watchers of one connection
 * @param storeBytes of events that wait for all watchers of the store; one event counts for each watcher it waits for
 * @param tailBytes of newest changes that a region keeps for those who are about to catch up with it
 * @param sliceBytes of events given to one watcher before the next has its turn; one event may exceed it
 * @param sliceChanges changes looked at for one watcher before the next has its turn
 * @param sweepChanges changes kept of one sweep through the data
 * @param watches of one connection; more are refused
 * @param threads that read and encode for watchers
 */
public record WatchLimits(
    long watcherBytes,
    long connectionBytes,
    long storeBytes,
    long tailBytes,
    int sliceBytes,
    int sliceChanges,
    int sweepChanges,
    int watches,
    int threads) {
  public WatchLimits {
    if (watcherBytes < 1
        || connectionBytes < watcherBytes
        || storeBytes < connectionBytes
        || tailBytes < 0
        || sliceBytes < 1
        || sliceChanges < 1
        || sweepChanges < 1
        || watches < 1
        || threads < 1) {
      throw new IllegalArgumentException(
          "limits of watching must be positive, and those of many at least those of one");
    }
  }

  public static WatchLimits defaults() {
    return new WatchLimits(
        4L << 20, 64L << 20, 256L << 20, 1L << 20, 128 << 10, 8192, 4096, 100_000, 2);
  }
}
