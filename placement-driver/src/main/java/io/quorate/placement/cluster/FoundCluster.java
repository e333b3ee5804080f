package io.quorate.placement.cluster;

/**
 * Gives the cluster its identity, once: the first one in the log wins.
 *
 * @param clusterId drawn at random by the first leader, not 0
 * @param featureLevel what the first leader's build starts a cluster with, at least 1
 */
public record FoundCluster(long clusterId, long featureLevel) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    if (image.isFounded()) {
      return Replayed.refused(
          image,
          Ruling.Reason.STALE,
          "the cluster is already founded as " + Long.toHexString(image.clusterId()));
    }
    return Replayed.done(image.founded(clusterId, featureLevel));
  }
}
