package io.quorate.placement.cluster;

import io.quorate.placement.history.Barrier;

/** The owner of a barrier still needs it. Through the log, so that every later leader gives it its whole time again. */
public record RenewBarrier(String name) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    Barrier known = image.history().barriers().get(name);
    return known == null
        ? Replayed.refused(
            image,
            Ruling.Reason.STALE,
            "no barrier is called '" + name + "': its time was over, or it was released")
        : Replayed.given(
            image.withHistory(image.history().with(known.renewed())), known.revision());
  }
}
