package io.quorate.placement.cluster;

import io.quorate.placement.history.Barrier;

/**
 * A barrier is released by its owner, or its time is over.
 *
 * @param renewals of the barrier whose time is over: one that was renewed since stays; -1 for a release
 */
public record DropBarrier(String name, long renewals) implements PlacementRecord {
  public static final long RELEASED = -1;

  @Override
  public Replayed replay(ClusterImage image) {
    Barrier known = image.history().barriers().get(name);
    if (known == null) {
      return Replayed.given(image, 0);
    }
    if (renewals != RELEASED && renewals != known.renewals()) {
      return Replayed.refused(
          image, Ruling.Reason.STALE, "barrier '" + name + "' was renewed meanwhile");
    }
    return Replayed.given(image.withHistory(image.history().without(name)), known.revision());
  }
}
