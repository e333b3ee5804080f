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

  public static SplitLimits defaults() {
    return new SplitLimits(96L << 20, 960_000, 3_000, 30L << 20);
  }
}
