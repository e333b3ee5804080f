package io.quorate.placement.registry;

import io.quorate.proto.RegionBeat;
import org.jspecify.annotations.Nullable;

/**
 * What a region's leader does, per second, smoothed over its beats.
 *
 * @param writtenBytes by clients
 * @param readBytes to clients
 * @param samples beats it was taken from, one after another from the same leader
 */
public record RegionLoad(double writtenBytes, double readBytes, int samples) {
  public static final RegionLoad NONE = new RegionLoad(0, 0, 0);
  /** Weight of the newest beat. */
  private static final double FRESH = 0.5;

  static RegionLoad of(RegionBeat beat, @Nullable HeardRegion before) {
    RegionLoad known = before == null ? NONE : before.load();
    if (beat.getIntervalMs() == 0) {
      // A new leader's first beat has nothing to count from: what was known of the old one is void.
      return NONE;
    }
    double seconds = beat.getIntervalMs() / 1_000.0;
    double written = beat.getWrittenBytes() / seconds;
    double read = beat.getReadBytes() / seconds;
    if (known.samples == 0) {
      return new RegionLoad(written, read, 1);
    }
    return new RegionLoad(
        FRESH * written + (1 - FRESH) * known.writtenBytes,
        FRESH * read + (1 - FRESH) * known.readBytes,
        known.samples + 1);
  }

  public double bytes() {
    return writtenBytes + readBytes;
  }
}
