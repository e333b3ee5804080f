package io.quorate.region.host;

import java.time.Duration;

/**
 * How long a merge may keep a region from serving.
 *
 * @param patience from when a left region's leader sees the merge begun until it is aborted, if not every replica of the right one
 *     has said that it is frozen
 * @param askEvery how often those that have not answered are asked again
 */
public record MergeLimits(Duration patience, Duration askEvery) {
  public MergeLimits {
    if (patience.toMillis() < 1 || askEvery.toMillis() < 1) {
      throw new IllegalArgumentException(
          "merge limits must be positive: patience " + patience + ", ask every " + askEvery);
    }
  }

  public static MergeLimits defaults() {
    return new MergeLimits(Duration.ofSeconds(2), Duration.ofMillis(50));
  }
}
