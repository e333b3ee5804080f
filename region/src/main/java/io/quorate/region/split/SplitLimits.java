package io.quorate.region.split;

/**
 * When a region is cut.
 *
 * @param bytes of data from which a region is cut ({@code region-split-size})
 * @param keys from which it is cut ({@code region-split-keys})
 * @param loadRequests a second, over some seconds, from which a hot region is cut ({@code split-load-threshold})
 * @param loadBytes a second read and written, likewise
 */
public record SplitLimits(long bytes, long keys, long loadRequests, long loadBytes) {
  public SplitLimits {
    if (bytes < 1024 || keys < 2 || loadRequests < 1 || loadBytes < 1) {
      throw new IllegalArgumentException("split limits are too small: " + bytes + " bytes, " + keys
          + " keys, " + loadRequests + " requests/s, " + loadBytes + " bytes/s");
    }
  }

  /**
   * Size and keys are TiKV's. Its 3,000 requests a second are few for a group that carries some 25,000 writes or 200,000 reads
   * on two cores (docs/benchmarks.md), where more groups only mean smaller batches.
   */
  public static SplitLimits defaults() {
    return new SplitLimits(96L << 20, 960_000, 20_000, 30L << 20);
  }
}
