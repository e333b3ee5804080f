package io.quorate.region.storage;

/**
 * Bounds of what the regions of one store share.
 *
 * @param cacheBytes of the newest versions kept in memory, keys and values; 0 keeps none. Default 64 MiB
 */
public record SharedStoreConfig(long cacheBytes) {
  public SharedStoreConfig {
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("cacheBytes must not be negative: " + cacheBytes);
    }
  }

  public static SharedStoreConfig defaults() {
    return new SharedStoreConfig(64L << 20);
  }

  public SharedStoreConfig withCacheBytes(long bytes) {
    return new SharedStoreConfig(bytes);
  }
}
