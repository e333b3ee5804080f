package io.quorate.placement.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Protocol;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.placement.cluster.AllocateIds;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.RegisterStore;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.registry.Envelopes;
import io.quorate.proto.AllocateIdsRequest;
import io.quorate.proto.AllocateIdsResponse;
import io.quorate.proto.AskSplitRequest;
import io.quorate.proto.AskSplitResponse;
import io.quorate.proto.Envelope;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.JoinStoreRequest;
import io.quorate.proto.JoinStoreResponse;
import io.quorate.proto.ListStoresRequest;
import io.quorate.proto.ListStoresResponse;
import io.quorate.proto.LookupRegionsRequest;
import io.quorate.proto.LookupRegionsResponse;
import io.quorate.proto.MembersRequest;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.NewRegionIds;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementMember;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.WatchRegionsRequest;
import io.quorate.raft.Leadership;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** PD's gRPC face: judges envelopes, hands on, translates. Thread: gRPC's; never blocks. */
final class PlacementService extends PlacementServiceGrpc.PlacementServiceImplBase {
  private static final int IDS_PER_ASK_MAX = 10_000;

  private final PlacementConfig config;
  private final PlacementGroup group;

  PlacementService(PlacementConfig config, PlacementGroup group) {
    this.config = config;
    this.group = group;
  }

  @Override
  public void members(MembersRequest request, StreamObserver<MembersResponse> out) {
    if (request.getEnvelope().getProtocolVersion() > Protocol.VERSION) {
      out.onError(Status.FAILED_PRECONDITION
          .withDescription(
              "the request speaks protocol " + request.getEnvelope().getProtocolVersion()
                  + ", this PD speaks " + Protocol.VERSION + ": upgrade PD first")
          .asRuntimeException());
      return;
    }
    ClusterImage image = group.image();
    Leadership leadership = group.log().leadership();
    MembersResponse.Builder response = MembersResponse.newBuilder()
        .setEnvelope(Envelope.newBuilder()
            .setClusterId(image.clusterId())
            .setProtocolVersion(Protocol.VERSION))
        .setTerm(leadership.term())
        .setFeatureLevel(image.featureLevel())
        .setBootstrapped(image.isBootstrapped())
        .setBootstrapStores(config.bootstrapStores())
        .setJoinedStores(image.stores().size());
    leadership.leader().ifPresent(leader -> response.setLeaderId(leader.store()));
    new TreeMap<>(group.addresses())
        .forEach((id, address) ->
            response.addMembers(PlacementMember.newBuilder().setMemberId(id).setAddress(address)));
    answer(out, response.build());
  }

  @Override
  public StreamObserver<OracleRequest> oracle(StreamObserver<OracleResponse> out) {
    return new OracleStream(
        (ServerCallStreamObserver<OracleResponse>) out, group.oracle(), group::image);
  }

  @Override
  public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> out) {
    return new HeartbeatStream(
        (ServerCallStreamObserver<HeartbeatResponse>) out, group.registry(), group::image);
  }

  @Override
  public void joinStore(JoinStoreRequest request, StreamObserver<JoinStoreResponse> out) {
    ClusterImage image = group.image();
    boolean newcomer = request.getStore().getStoreId() == 0;
    Optional<PlacementError> refusal = newcomer
        ? Envelopes.refusalOfNewcomer(request.getEnvelope(), image)
        : Envelopes.refusal(request.getEnvelope(), image);
    if (refusal.isPresent()) {
      answer(out, JoinStoreResponse.newBuilder().setError(refusal.get()).build());
      return;
    }
    Consumer<PlacementError> refuse =
        error -> answer(out, JoinStoreResponse.newBuilder().setError(error).build());
    group.propose(new RegisterStore(Wire.store(request.getStore())), refuse, ruling -> {
      if (ruling instanceof Ruling.Given given) {
        answer(
            out,
            JoinStoreResponse.newBuilder()
                .setClusterId(group.image().clusterId())
                .setStoreId(given.value())
                .build());
      }
    });
  }

  @Override
  public void allocateIds(AllocateIdsRequest request, StreamObserver<AllocateIdsResponse> out) {
    Consumer<PlacementError> refuse =
        error -> answer(out, AllocateIdsResponse.newBuilder().setError(error).build());
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), group.image());
    if (refusal.isEmpty() && (request.getCount() < 1 || request.getCount() > IDS_PER_ASK_MAX)) {
      refusal = Optional.of(PlacementErrors.of(
          PlacementError.Code.INVALID, "ids are given by 1 to " + IDS_PER_ASK_MAX + " at once"));
    }
    if (refusal.isPresent()) {
      refuse.accept(refusal.get());
      return;
    }
    group.propose(new AllocateIds(request.getCount()), refuse, ruling -> {
      if (ruling instanceof Ruling.Given given) {
        answer(out, AllocateIdsResponse.newBuilder().setLast(given.value()).build());
      }
    });
  }

  @Override
  public void askSplit(AskSplitRequest request, StreamObserver<AskSplitResponse> out) {
    Consumer<PlacementError> refuse =
        error -> answer(out, AskSplitResponse.newBuilder().setError(error).build());
    int peers = request.getRegion().getPeersCount();
    long ids = request.getCount() * (1L + peers);
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), group.image());
    if (refusal.isEmpty() && (request.getCount() < 1 || peers < 1 || ids > IDS_PER_ASK_MAX)) {
      refusal = Optional.of(PlacementErrors.of(
          PlacementError.Code.INVALID,
          "a split makes at least one child of a region with peers, and takes up to "
              + IDS_PER_ASK_MAX + " ids"));
    }
    if (refusal.isEmpty()) {
      // A member that does not lead knows no regions: the proposal says so.
      refusal = group
          .registry()
          .stale(Wire.region(request.getRegion()))
          .map(why -> PlacementErrors.of(PlacementError.Code.STALE, why));
    }
    if (refusal.isPresent()) {
      refuse.accept(refusal.get());
      return;
    }
    group.propose(new AllocateIds((int) ids), refuse, ruling -> {
      if (ruling instanceof Ruling.Given given) {
        AskSplitResponse.Builder response = AskSplitResponse.newBuilder();
        long next = given.value() - ids + 1;
        for (int i = 0; i < request.getCount(); i++) {
          NewRegionIds.Builder child = NewRegionIds.newBuilder().setRegionId(next++);
          for (int j = 0; j < peers; j++) {
            child.addReplicaIds(next++);
          }
          response.addChildren(child);
        }
        answer(out, response.build());
      }
    });
  }

  @Override
  public void lookupRegions(
      LookupRegionsRequest request, StreamObserver<LookupRegionsResponse> out) {
    ClusterImage image = group.image();
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), image);
    if (refusal.isEmpty() && group.registry().isLeading() && !image.isBootstrapped()) {
      refusal = Optional.of(PlacementErrors.notBootstrapped(image, config.bootstrapStores()));
    }
    if (refusal.isPresent()) {
      answer(out, LookupRegionsResponse.newBuilder().setError(refusal.get()).build());
      return;
    }
    answer(
        out,
        switch (request.getByCase()) {
          case RANGE -> group.registry().lookup(Wire.range(request.getRange()), request.getLimit());
          case KEY ->
            group
                .registry()
                .lookup(KeyRange.single(Bytes.of(request.getKey())), request.getLimit());
          case REGION_ID -> group.registry().lookup(new RegionId(request.getRegionId()));
          case BY_NOT_SET ->
            LookupRegionsResponse.newBuilder()
                .setError(PlacementErrors.of(
                    PlacementError.Code.INVALID,
                    "the lookup names neither a range, nor a key, nor a region"))
                .build();
        });
  }

  @Override
  public void watchRegions(WatchRegionsRequest request, StreamObserver<RegionsChanged> out) {
    WatchStream stream =
        new WatchStream((ServerCallStreamObserver<RegionsChanged>) out, group.registry());
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), group.image());
    if (refusal.isPresent()) {
      stream.send(RegionsChanged.newBuilder().setError(refusal.get()).build());
      stream.complete();
      return;
    }
    group.registry().watch(stream);
  }

  @Override
  public void listStores(ListStoresRequest request, StreamObserver<ListStoresResponse> out) {
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), group.image());
    ListStoresResponse.Builder response = ListStoresResponse.newBuilder();
    if (refusal.isPresent()) {
      response.setError(refusal.get());
    } else {
      group
          .registry()
          .stores()
          .ifPresentOrElse(response::addAllStores, () -> response.setError(group.notLeader()));
    }
    answer(out, response.build());
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }
}
