package io.quorate.region.history;

import java.time.Duration;

/**
 * How fast one store removes old versions.
 *
 * @param recordsPerSecond changes and versions looked at, over all regions
 * @param recordsPerStep after which the next region has its turn
 * @param floorsPerSecond floors proposed, over all regions led
 * @param tick how often work is done
 * @param compactAfter versions removed from a region after which its files may be rewritten, if they are as many as its keys
 */
public record CleaningLimits(
    int recordsPerSecond,
    int recordsPerStep,
    int floorsPerSecond,
    Duration tick,
    long compactAfter) {
  public CleaningLimits {
    if (recordsPerSecond < 1
        || recordsPerStep < 1
        || floorsPerSecond < 1
        || tick.toMillis() < 1
        || tick.toMillis() > 1_000
        || compactAfter < 1) {
      throw new IllegalArgumentException(
          "limits of cleaning must be positive, and ticks at most a second apart");
    }
  }

  public static CleaningLimits defaults() {
    return new CleaningLimits(100_000, 4_096, 200, Duration.ofMillis(50), 50_000);
  }
}
