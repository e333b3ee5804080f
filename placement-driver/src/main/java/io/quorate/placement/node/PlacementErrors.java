package io.quorate.placement.node;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.Ruling;
import io.quorate.proto.PlacementError;
import io.quorate.raft.LogException;
import java.util.concurrent.CompletionException;

/** Why PD could not answer, in the words of the wire. Pure. */
final class PlacementErrors {
  private PlacementErrors() {}

  static PlacementError of(PlacementError.Code code, String message) {
    return PlacementError.newBuilder().setCode(code).setMessage(message).build();
  }

  static PlacementError notLeader(String leaderAddress) {
    String message = leaderAddress.isEmpty()
        ? "this PD does not lead, and knows no leader: try again shortly"
        : "this PD does not lead: ask " + leaderAddress;
    return of(PlacementError.Code.NOT_LEADER, message).toBuilder()
        .setLeaderAddress(leaderAddress)
        .build();
  }

  static PlacementError notBootstrapped(ClusterImage image, int bootstrapStores) {
    return of(
        PlacementError.Code.NOT_BOOTSTRAPPED,
        "the cluster has no regions yet: " + Math.min(image.stores().size(), bootstrapStores)
            + " of " + bootstrapStores + " stores joined");
  }

  static PlacementError refused(Ruling.Refused refused) {
    PlacementError.Code code = switch (refused.reason()) {
      case STALE -> PlacementError.Code.STALE;
      case UNKNOWN_STORE -> PlacementError.Code.UNKNOWN_STORE;
      case INVALID -> PlacementError.Code.INVALID;
      case COMPACTED -> PlacementError.Code.COMPACTED;
      case FUTURE_REVISION -> PlacementError.Code.FUTURE_REVISION;
    };
    return of(code, refused.message());
  }

  /** A proposal failed; all of PD's may be repeated by their askers. */
  static PlacementError failed(Throwable failure, String leaderAddress) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (cause instanceof LogException refused) {
      switch (refused.kind()) {
        case NOT_LEADER, STALE_TERM -> {
          return notLeader(leaderAddress);
        }
        case BUSY -> {
          return of(PlacementError.Code.BUSY, "PD is busy: try again shortly");
        }
        case REFUSED, INDETERMINATE -> {
          return of(
              PlacementError.Code.UNAVAILABLE, "PD could not commit it: " + refused.getMessage());
        }
      }
    }
    return of(PlacementError.Code.UNAVAILABLE, "PD failed: " + cause);
  }
}
