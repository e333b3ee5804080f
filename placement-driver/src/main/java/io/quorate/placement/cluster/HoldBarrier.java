package io.quorate.placement.cluster;

import io.quorate.placement.history.Barrier;

/**
 * Somebody wants a revision to stay readable for himself. Nothing at or above the compacted revision was ever removed, so a
 * barrier that does not lie below it finds everything there.
 */
public record HoldBarrier(Barrier barrier) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    Barrier known = image.history().barriers().get(barrier.name());
    if (known != null) {
      // A repeat, or another one's name.
      return known.owner().equals(barrier.owner())
          ? Replayed.given(image, known.revision())
          : invalid(image, "a barrier is called '" + barrier.name() + "' already");
    }
    if (barrier.name().isEmpty()
        || barrier.name().length() > Barrier.MAX_TEXT
        || barrier.owner().length() > Barrier.MAX_TEXT) {
      return invalid(image, "a barrier has a name, and no text longer than " + Barrier.MAX_TEXT);
    }
    if (barrier.ttlMillis() < Barrier.MIN_TTL_MILLIS
        || barrier.ttlMillis() > Barrier.MAX_TTL_MILLIS) {
      return invalid(
          image,
          "a barrier lives " + Barrier.MIN_TTL_MILLIS + " to " + Barrier.MAX_TTL_MILLIS
              + " ms, not " + barrier.ttlMillis());
    }
    if (image.history().barriers().size() >= Barrier.MAX_BARRIERS) {
      return invalid(image, Barrier.MAX_BARRIERS + " barriers stand already: release some");
    }
    if (barrier.revision() < image.marks().compacted()) {
      return Replayed.refused(
          image, Ruling.Reason.COMPACTED, "etcdserver: mvcc: required revision has been compacted");
    }
    return Replayed.given(image.withHistory(image.history().with(barrier)), barrier.revision());
  }

  private static Replayed invalid(ClusterImage image, String why) {
    return Replayed.refused(image, Ruling.Reason.INVALID, why);
  }
}
