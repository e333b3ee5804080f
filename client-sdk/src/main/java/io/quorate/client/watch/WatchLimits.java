package io.quorate.client.watch;

import java.time.Duration;

/**
 * Bounds of the watches of one client.
 *
 * @param bufferBytes of events that one watch keeps for its listener, and again as many that wait for other regions; beyond, its
 *     regions are not listened to until there is room, and go on from where they were
 * @param revisionBytes of one revision's events, which are told together; a greater one ends the watch
 * @param updateEvents in one update, unless one revision has more
 * @param silence after which a store is asked whether it is still there, and after which again it is given up
 */
public record WatchLimits(
    long bufferBytes, long revisionBytes, int updateEvents, Duration silence) {
  public WatchLimits {
    if (bufferBytes < 1 || revisionBytes < 1 || updateEvents < 1 || silence.isZero()) {
      throw new IllegalArgumentException("limits of watches must be positive");
    }
  }

  /** 8 MiB, 64 MiB, 1,000 events, 4 s. */
  public static WatchLimits defaults() {
    return new WatchLimits(8L << 20, 64L << 20, 1000, Duration.ofSeconds(4));
  }
}
