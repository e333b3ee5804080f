package io.quorate.model;

import io.quorate.proto.Envelope;
import java.util.List;
import java.util.Optional;

/** The only translation between the shared records and their messages. */
public final class Wire {
  private Wire() {}

  public static KeyRange range(io.quorate.proto.KeyRange range) {
    return new KeyRange(Bytes.of(range.getStart()), Bytes.of(range.getEnd()));
  }

  public static io.quorate.proto.KeyRange range(KeyRange range) {
    return io.quorate.proto.KeyRange.newBuilder()
        .setStart(range.start().toByteString())
        .setEnd(range.end().toByteString())
        .build();
  }

  public static RegionEpoch epoch(io.quorate.proto.RegionEpoch epoch) {
    return new RegionEpoch(epoch.getVersion(), epoch.getMembership());
  }

  public static io.quorate.proto.RegionEpoch epoch(RegionEpoch epoch) {
    return io.quorate.proto.RegionEpoch.newBuilder()
        .setVersion(epoch.version())
        .setMembership(epoch.membership())
        .build();
  }

  public static Peer peer(io.quorate.proto.Peer peer) {
    return new Peer(
        new StoreId(peer.getStoreId()),
        peer.getReplicaId(),
        peer.getRole() == io.quorate.proto.PeerRole.LEARNER ? PeerRole.LEARNER : PeerRole.VOTER);
  }

  public static io.quorate.proto.Peer peer(Peer peer) {
    return io.quorate.proto.Peer.newBuilder()
        .setStoreId(peer.store().value())
        .setReplicaId(peer.replica())
        .setRole(
            peer.role() == PeerRole.LEARNER
                ? io.quorate.proto.PeerRole.LEARNER
                : io.quorate.proto.PeerRole.VOTER)
        .build();
  }

  public static RegionDescriptor region(io.quorate.proto.RegionDescriptor region) {
    return new RegionDescriptor(
        new RegionId(region.getRegionId()),
        range(region.getRange()),
        epoch(region.getEpoch()),
        region.getPeersList().stream().map(Wire::peer).toList());
  }

  public static io.quorate.proto.RegionDescriptor region(RegionDescriptor region) {
    return io.quorate.proto.RegionDescriptor.newBuilder()
        .setRegionId(region.id().value())
        .setRange(range(region.range()))
        .setEpoch(epoch(region.epoch()))
        .addAllPeers(region.peers().stream().map(Wire::peer).toList())
        .build();
  }

  public static StoreDescriptor store(io.quorate.proto.StoreDescriptor store) {
    return new StoreDescriptor(
        new StoreId(store.getStoreId()),
        store.getIncarnation(),
        store.getClientAddress(),
        store.getPeerAddress(),
        store.getLabelsMap(),
        state(store.getState()));
  }

  public static io.quorate.proto.StoreDescriptor store(StoreDescriptor store) {
    return io.quorate.proto.StoreDescriptor.newBuilder()
        .setStoreId(store.id().value())
        .setIncarnation(store.incarnation())
        .setClientAddress(store.clientAddress())
        .setPeerAddress(store.peerAddress())
        .putAllLabels(store.labels())
        .setState(io.quorate.proto.StoreState.valueOf(store.state().name()))
        .build();
  }

  private static StoreDescriptor.State state(io.quorate.proto.StoreState state) {
    return state == io.quorate.proto.StoreState.UNRECOGNIZED
        ? StoreDescriptor.State.DOWN
        : StoreDescriptor.State.valueOf(state.name());
  }

  public static RegionError error(io.quorate.proto.RegionError error) {
    String message = error.getMessage();
    return switch (error.getKindCase()) {
      case NOT_LEADER ->
        new RegionError.NotLeader(
            new RegionId(error.getNotLeader().getRegionId()),
            error.getNotLeader().hasLeader()
                ? Optional.of(peer(error.getNotLeader().getLeader()))
                : Optional.empty(),
            message);
      case EPOCH_MISMATCH ->
        new RegionError.EpochMismatch(regions(error.getEpochMismatch().getCurrentList()), message);
      case REGION_NOT_FOUND ->
        new RegionError.RegionNotFound(
            new RegionId(error.getRegionNotFound().getRegionId()), message);
      case KEY_OUT_OF_RANGE ->
        new RegionError.KeyOutOfRange(region(error.getKeyOutOfRange().getCurrent()), message);
      case SERVER_BUSY ->
        new RegionError.ServerBusy(error.getServerBusy().getRetryAfterMs(), message);
      case UNAVAILABLE -> new RegionError.Unavailable(message);
      case MISDIRECTED -> new RegionError.Misdirected(message);
      case DEADLINE_EXCEEDED -> new RegionError.DeadlineExceeded(message);
      // An answer that this build does not know promises nothing.
      case INDETERMINATE, KIND_NOT_SET -> new RegionError.Indeterminate(message);
    };
  }

  public static List<RegionDescriptor> regions(List<io.quorate.proto.RegionDescriptor> regions) {
    return regions.stream().map(Wire::region).toList();
  }

  public static io.quorate.proto.RegionError error(RegionError error) {
    var message = io.quorate.proto.RegionError.newBuilder().setMessage(error.message());
    if (error instanceof RegionError.NotLeader notLeader) {
      var kind = message.getNotLeaderBuilder().setRegionId(notLeader.region().value());
      notLeader.leader().ifPresent(leader -> kind.setLeader(peer(leader)));
    } else if (error instanceof RegionError.EpochMismatch mismatch) {
      var kind = message.getEpochMismatchBuilder();
      mismatch.current().forEach(region -> kind.addCurrent(region(region)));
    } else if (error instanceof RegionError.RegionNotFound notFound) {
      message.getRegionNotFoundBuilder().setRegionId(notFound.region().value());
    } else if (error instanceof RegionError.KeyOutOfRange out) {
      message
          .getKeyOutOfRangeBuilder()
          .setRegionId(out.current().id().value())
          .setCurrent(region(out.current()));
    } else if (error instanceof RegionError.ServerBusy busy) {
      message.getServerBusyBuilder().setRetryAfterMs(busy.retryAfterMillis());
    } else if (error instanceof RegionError.Unavailable) {
      message.getUnavailableBuilder();
    } else if (error instanceof RegionError.Misdirected) {
      message.getMisdirectedBuilder();
    } else if (error instanceof RegionError.DeadlineExceeded) {
      message.getDeadlineExceededBuilder();
    } else {
      message.getIndeterminateBuilder();
    }
    return message.build();
  }

  /** An envelope from a client process, to a store that is known by its id. */
  public static Envelope clientEnvelope(long clusterId, long clientId, StoreId to) {
    return Envelope.newBuilder()
        .setClusterId(clusterId)
        .setProtocolVersion(Protocol.VERSION)
        .setClientId(clientId)
        .setToStore(to.value())
        .build();
  }
}
