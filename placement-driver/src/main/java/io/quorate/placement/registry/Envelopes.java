package io.quorate.placement.registry;

import io.quorate.model.Protocol;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.proto.Envelope;
import io.quorate.proto.PlacementError;
import java.util.Optional;

/** Judges whether a message is for this cluster and from whom it says, before anything else is looked at. Pure. */
public final class Envelopes {
  private Envelopes() {}

  /** For senders that know the cluster. */
  public static Optional<PlacementError> refusal(Envelope envelope, ClusterImage image) {
    Optional<PlacementError> foreign = refusalOfNewcomer(envelope, image);
    if (foreign.isPresent()) {
      return foreign;
    }
    return envelope.getClusterId() == 0
        ? error(
            PlacementError.Code.WRONG_CLUSTER,
            "the request names no cluster: ask Members for its id first")
        : Optional.empty();
  }

  /** For senders that may not know the cluster yet (id 0). */
  public static Optional<PlacementError> refusalOfNewcomer(Envelope envelope, ClusterImage image) {
    if (envelope.getProtocolVersion() > Protocol.VERSION) {
      return error(
          PlacementError.Code.INVALID,
          "the request speaks protocol " + envelope.getProtocolVersion() + ", this PD speaks "
              + Protocol.VERSION + ": upgrade PD first");
    }
    if (!image.isFounded()) {
      return error(
          PlacementError.Code.UNAVAILABLE,
          "the cluster has no identity yet: its first PD leader is about to make it");
    }
    if (envelope.getClusterId() != 0 && envelope.getClusterId() != image.clusterId()) {
      return error(
          PlacementError.Code.WRONG_CLUSTER,
          "this PD is of cluster " + Long.toHexString(image.clusterId())
              + ", the request is for cluster " + Long.toHexString(envelope.getClusterId())
              + ": check --pd, or the data directory");
    }
    return Optional.empty();
  }

  /** Whether the sending store is one that joined, as the incarnation that joined. */
  public static Optional<PlacementError> refusalOfStore(Envelope envelope, ClusterImage image) {
    StoreDescriptor known = image.stores().get(new StoreId(envelope.getFromStore()));
    if (known == null) {
      return error(
          PlacementError.Code.UNKNOWN_STORE,
          "store " + envelope.getFromStore()
              + " has not joined this cluster: join first, with an empty data directory");
    }
    if (known.incarnation() != envelope.getFromIncarnation()) {
      return error(
          PlacementError.Code.UNKNOWN_STORE,
          "store " + known.id()
              + " joined as another incarnation: a wiped or copied disk is a new store, start it with "
              + "an empty data directory");
    }
    if (known.state() == StoreDescriptor.State.RETIRED) {
      return error(
          PlacementError.Code.UNKNOWN_STORE,
          "store " + known.id()
              + " is retired for good: start it with an empty data directory to join as a new store");
    }
    return Optional.empty();
  }

  private static Optional<PlacementError> error(PlacementError.Code code, String message) {
    return Optional.of(
        PlacementError.newBuilder().setCode(code).setMessage(message).build());
  }
}
