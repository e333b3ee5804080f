package io.quorate.placement.cluster;

/**
 * Moves the compacted revision: reads below it are refused everywhere once this is applied, because every answer of the oracle
 * carries it.
 *
 * @param revision the proposer saw to it that it was handed out
 * @param nonce of the request, 0 for none: a repeat is answered as the first was
 */
public record Compact(long revision, long nonce) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    long compacted = image.marks().compacted();
    if (revision == compacted && nonce != 0 && nonce == image.history().nonce()) {
      return Replayed.given(image, compacted);
    }
    if (revision <= compacted) {
      return Replayed.refused(
          image, Ruling.Reason.COMPACTED, "etcdserver: mvcc: required revision has been compacted");
    }
    // A new leader starts one above the bound.
    if (revision > image.marks().bound() + 1) {
      return Replayed.refused(
          image,
          Ruling.Reason.FUTURE_REVISION,
          "etcdserver: mvcc: required revision is a future revision");
    }
    return Replayed.given(
        image.withCompacted(revision).withHistory(image.history().compactedBy(nonce)), revision);
  }
}
