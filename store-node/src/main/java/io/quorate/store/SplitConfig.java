package io.quorate.store;

import io.quorate.region.split.SplitLimits;
import java.time.Duration;

/**
 * When and how a store cuts the regions it leads.
 *
 * @param limits from which a region is cut
 * @param sizeEvery how often sizes are looked at ({@code split-check-interval})
 * @param loadEvery how often load is looked at; a region is cut after ten hot looks in a row
 * @param maxVersions walked in one look at a region's data
 * @param timeout of one split, from the ask for ids to the answer of the log
 */
public record SplitConfig(
    SplitLimits limits,
    Duration sizeEvery,
    Duration loadEvery,
    long maxVersions,
    Duration timeout) {
  public SplitConfig {
    if (sizeEvery.toMillis() < 1 || loadEvery.toMillis() < 1 || maxVersions < 2) {
      throw new IllegalArgumentException("looks at regions must be apart and see something");
    }
  }

  public static SplitConfig defaults() {
    return new SplitConfig(
        SplitLimits.defaults(),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        20_000_000,
        Duration.ofSeconds(10));
  }

  public SplitConfig withLimits(SplitLimits newLimits) {
    return new SplitConfig(newLimits, sizeEvery, loadEvery, maxVersions, timeout);
  }
}
