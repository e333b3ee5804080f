package io.quorate.placement.cluster;

import java.util.List;

/**
 * Makes the first regions, all at once and only once (compare-and-set on "no regions" and on the ids it was made from).
 *
 * @param idsBefore the last id given when it was planned
 * @param idsAfter the last id given once it is replayed
 * @param regions tile the whole user keyspace
 */
public record Bootstrap(long idsBefore, long idsAfter, List<FoundingRegion> regions)
    implements PlacementRecord {
  public Bootstrap {
    regions = List.copyOf(regions);
  }

  @Override
  public Replayed replay(ClusterImage image) {
    if (image.isBootstrapped()) {
      return Replayed.refused(image, Ruling.Reason.STALE, "the first regions exist already");
    }
    if (image.lastId() != idsBefore) {
      return Replayed.refused(
          image,
          Ruling.Reason.STALE,
          "planned from id " + idsBefore + ", but id " + image.lastId() + " is given");
    }
    for (FoundingRegion region : regions) {
      boolean known = region.descriptor().peers().stream()
          .allMatch(peer -> image.stores().containsKey(peer.store()));
      if (!known) {
        return Replayed.refused(
            image, Ruling.Reason.STALE, "a store of " + region.descriptor() + " is not registered");
      }
    }
    return Replayed.done(image.bootstrapped(regions, idsAfter));
  }
}
