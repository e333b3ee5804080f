package io.quorate.placement.cluster;

/**
 * Raises the bound below which the proposing leader may hand out revisions. It never falls, so a repeat or a late one does
 * no harm; it is proposed under the leader's own term only.
 *
 * @param bound the last revision that may be handed out
 */
public record ExtendRevisions(long bound) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    return Replayed.done(image.withRevisionBound(Math.max(bound, image.revisionBound())));
  }
}
