package io.quorate.region.mvcc;

import io.quorate.model.Bytes;

/**
 * A key with one of its versions.
 *
 * @param key user key
 * @param version live, in results
 */
public record KeyVersion(Bytes key, Version version) {
  /** What it counts for in limits by bytes: key, value and some thirty bytes of numbers. */
  public long weight() {
    return key.length() + version.value().length() + 32L;
  }
}
