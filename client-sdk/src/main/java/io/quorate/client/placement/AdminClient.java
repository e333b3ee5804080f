package io.quorate.client.placement;

import io.grpc.MethodDescriptor;
import io.quorate.model.Bytes;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.CancelOperatorRequest;
import io.quorate.proto.ChangeStoreRequest;
import io.quorate.proto.ChangeStoreResponse;
import io.quorate.proto.CheckRegionsRequest;
import io.quorate.proto.CheckRegionsResponse;
import io.quorate.proto.Envelope;
import io.quorate.proto.ListOperatorsRequest;
import io.quorate.proto.ListSchedulersRequest;
import io.quorate.proto.MergeRegionsRequest;
import io.quorate.proto.MovePeerRequest;
import io.quorate.proto.OperatorStatus;
import io.quorate.proto.OperatorsResponse;
import io.quorate.proto.PauseSchedulerRequest;
import io.quorate.proto.PlacementAdminGrpc;
import io.quorate.proto.PlacementError;
import io.quorate.proto.ResumeSchedulerRequest;
import io.quorate.proto.SchedulersResponse;
import io.quorate.proto.SplitRegionsRequest;
import io.quorate.proto.StoreState;
import io.quorate.proto.TransferLeaderRequest;
import io.quorate.proto.WhyRegionRequest;
import io.quorate.proto.WhyResponse;
import io.quorate.proto.WhyStoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What an operator asks of the placement driver: to move things, and to say why they move or do not. Belongs to a {@link
 * PlacementClient}, follows the leader as it does, and ends with it; safe on any thread.
 */
public final class AdminClient {
  /** Asks the leader of PD, with the envelope of the asker. */
  interface Asker {
    <Q, A> CompletableFuture<A> ask(
        MethodDescriptor<Q, A> method,
        Function<Envelope, Q> request,
        Function<A, PlacementError> errorOf);
  }

  private final Asker asker;

  AdminClient(Asker asker) {
    this.asker = asker;
  }

  /**
   * Cuts regions at the keys.
   *
   * @param scatter spreads what they become over all stores
   */
  public CompletableFuture<List<OperatorStatus>> split(List<Bytes> keys, boolean scatter) {
    return operators(PlacementAdminGrpc.getSplitRegionsMethod(), envelope -> {
      SplitRegionsRequest.Builder request =
          SplitRegionsRequest.newBuilder().setEnvelope(envelope).setScatter(scatter);
      keys.forEach(key -> request.addKeys(key.toByteString()));
      return request.build();
    });
  }

  /** Cuts the region in the middle of its data. */
  public CompletableFuture<List<OperatorStatus>> split(RegionId region, boolean scatter) {
    return operators(
        PlacementAdminGrpc.getSplitRegionsMethod(),
        envelope -> SplitRegionsRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(region.value())
            .setScatter(scatter)
            .build());
  }

  /** The region takes in its right neighbour. */
  public CompletableFuture<List<OperatorStatus>> merge(RegionId left) {
    return operators(
        PlacementAdminGrpc.getMergeRegionsMethod(),
        envelope -> MergeRegionsRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(left.value())
            .build());
  }

  /** The region is taken in by its left neighbour, which may be named. */
  public CompletableFuture<List<OperatorStatus>> merge(Optional<RegionId> left, RegionId right) {
    return operators(
        PlacementAdminGrpc.getMergeRegionsMethod(),
        envelope -> MergeRegionsRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(left.map(RegionId::value).orElse(0L))
            .setRightId(right.value())
            .build());
  }

  public CompletableFuture<List<OperatorStatus>> transferLeader(RegionId region, StoreId to) {
    return operators(
        PlacementAdminGrpc.getTransferLeaderMethod(),
        envelope -> TransferLeaderRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(region.value())
            .setToStore(to.value())
            .build());
  }

  public CompletableFuture<List<OperatorStatus>> movePeer(
      RegionId region, StoreId from, StoreId to) {
    return operators(
        PlacementAdminGrpc.getMovePeerMethod(),
        envelope -> MovePeerRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(region.value())
            .setFromStore(from.value())
            .setToStore(to.value())
            .build());
  }

  /**
   * Lets replicas sum up what they hold.
   *
   * @param regions none: all
   * @param revision versions visible at or above it; 0: the compacted revision
   */
  public CompletableFuture<CheckRegionsResponse> check(List<RegionId> regions, long revision) {
    return asker.ask(
        PlacementAdminGrpc.getCheckRegionsMethod(),
        envelope -> {
          CheckRegionsRequest.Builder request =
              CheckRegionsRequest.newBuilder().setEnvelope(envelope).setRevision(revision);
          regions.forEach(region -> request.addRegionIds(region.value()));
          return request.build();
        },
        CheckRegionsResponse::getError);
  }

  /** Returns the state that the store has now. */
  public CompletableFuture<StoreState> changeStore(
      StoreId store, ChangeStoreRequest.Change change) {
    return asker
        .ask(
            PlacementAdminGrpc.getChangeStoreMethod(),
            envelope -> ChangeStoreRequest.newBuilder()
                .setEnvelope(envelope)
                .setStoreId(store.value())
                .setChange(change)
                .build(),
            ChangeStoreResponse::getError)
        .thenApply(ChangeStoreResponse::getState);
  }

  /**
   * The operators under way.
   *
   * @param endedMax at most so many that ended, too, the newest first
   */
  public CompletableFuture<List<OperatorStatus>> listOperators(int endedMax) {
    return operators(
        PlacementAdminGrpc.getListOperatorsMethod(),
        envelope -> ListOperatorsRequest.newBuilder()
            .setEnvelope(envelope)
            .setEndedMax(endedMax)
            .build());
  }

  public CompletableFuture<List<OperatorStatus>> cancelOperator(RegionId region) {
    return operators(
        PlacementAdminGrpc.getCancelOperatorMethod(),
        envelope -> CancelOperatorRequest.newBuilder()
            .setEnvelope(envelope)
            .setRegionId(region.value())
            .build());
  }

  public CompletableFuture<SchedulersResponse> listSchedulers() {
    return asker.ask(
        PlacementAdminGrpc.getListSchedulersMethod(),
        envelope -> ListSchedulersRequest.newBuilder().setEnvelope(envelope).build(),
        SchedulersResponse::getError);
  }

  /**
   * Leaves a scheduler out.
   *
   * @param time zero: until it is resumed
   */
  public CompletableFuture<SchedulersResponse> pauseScheduler(String name, Duration time) {
    return asker.ask(
        PlacementAdminGrpc.getPauseSchedulerMethod(),
        envelope -> PauseSchedulerRequest.newBuilder()
            .setEnvelope(envelope)
            .setName(name)
            .setForMs(time.toMillis())
            .build(),
        SchedulersResponse::getError);
  }

  public CompletableFuture<SchedulersResponse> resumeScheduler(String name) {
    return asker.ask(
        PlacementAdminGrpc.getResumeSchedulerMethod(),
        envelope -> ResumeSchedulerRequest.newBuilder()
            .setEnvelope(envelope)
            .setName(name)
            .build(),
        SchedulersResponse::getError);
  }

  /** What is planned for the region, or why nothing is; one line for each rule. */
  public CompletableFuture<List<String>> why(RegionId region) {
    return asker
        .ask(
            PlacementAdminGrpc.getWhyRegionMethod(),
            envelope -> WhyRegionRequest.newBuilder()
                .setEnvelope(envelope)
                .setRegionId(region.value())
                .build(),
            WhyResponse::getError)
        .thenApply(WhyResponse::getLinesList);
  }

  /** How the store stands, and what remains on it where it is to be emptied. */
  public CompletableFuture<List<String>> why(StoreId store) {
    return asker
        .ask(
            PlacementAdminGrpc.getWhyStoreMethod(),
            envelope -> WhyStoreRequest.newBuilder()
                .setEnvelope(envelope)
                .setStoreId(store.value())
                .build(),
            WhyResponse::getError)
        .thenApply(WhyResponse::getLinesList);
  }

  private <Q> CompletableFuture<List<OperatorStatus>> operators(
      MethodDescriptor<Q, OperatorsResponse> method, Function<Envelope, Q> request) {
    return asker
        .ask(method, request, OperatorsResponse::getError)
        .thenApply(OperatorsResponse::getOperatorsList);
  }
}
