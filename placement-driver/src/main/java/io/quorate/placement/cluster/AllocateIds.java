package io.quorate.placement.cluster;

/**
 * Takes a block of ids for regions and replicas.
 *
 * @param count at least 1
 */
public record AllocateIds(int count) implements PlacementRecord {
  /** Replica ids must fit into 31 bits ({@link io.quorate.model.Peer}). */
  static final long LAST_ID_MAX = Integer.MAX_VALUE;

  @Override
  public Replayed replay(ClusterImage image) {
    if (count < 1 || image.lastId() > LAST_ID_MAX - count) {
      return Replayed.refused(
          image,
          Ruling.Reason.INVALID,
          "cannot give " + count + " ids: " + image.lastId() + " of " + LAST_ID_MAX + " are given");
    }
    long last = image.lastId() + count;
    return Replayed.given(image.withLastId(last), last);
  }
}
