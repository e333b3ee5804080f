package io.quorate.placement.node;

import io.grpc.stub.StreamObserver;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.placement.cluster.ChangeStoreState;
import io.quorate.placement.cluster.NotePlanning;
import io.quorate.placement.registry.Envelopes;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.placement.schedule.ByHand;
import io.quorate.placement.schedule.ClusterView;
import io.quorate.placement.schedule.Operator;
import io.quorate.placement.schedule.OperatorBook;
import io.quorate.placement.schedule.Scheduler;
import io.quorate.placement.schedule.Why;
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
import io.quorate.proto.RegionOrder;
import io.quorate.proto.ResumeSchedulerRequest;
import io.quorate.proto.SchedulerStatus;
import io.quorate.proto.SchedulersResponse;
import io.quorate.proto.SplitRegionsRequest;
import io.quorate.proto.StoreState;
import io.quorate.proto.TransferLeaderRequest;
import io.quorate.proto.WhyRegionRequest;
import io.quorate.proto.WhyResponse;
import io.quorate.proto.WhyStoreRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What people ask of PD: checks envelopes, hands on, translates. Thread: gRPC's; never blocks. */
final class AdminService extends PlacementAdminGrpc.PlacementAdminImplBase {
  private static final int SPLIT_KEYS_MAX = 1_000;
  private static final int ENDED_MAX = 1_000;
  private static final int REGIONS_MAX = 1_000_000;

  private final PlacementGroup group;
  private final ScheduleHost schedules;

  AdminService(PlacementGroup group, ScheduleHost schedules) {
    this.group = group;
    this.schedules = schedules;
  }

  private Optional<PlacementError> refusal(Envelope envelope) {
    Optional<PlacementError> foreign = Envelopes.refusal(envelope, group.image());
    return foreign.isEmpty() && !group.registry().isLeading()
        ? Optional.of(group.notLeader())
        : foreign;
  }

  private static PlacementError invalid(String why) {
    return PlacementErrors.of(PlacementError.Code.INVALID, why);
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }

  /** Plans by the region as it is known, submits, answers with the operator as it is under way. */
  private void order(
      Envelope envelope,
      long region,
      Supplier<ByHand.Order> plan,
      StreamObserver<OperatorsResponse> out) {
    OperatorsResponse.Builder response = OperatorsResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(envelope);
    if (refusal.isEmpty()) {
      refusal = submit(plan.get());
    }
    if (refusal.isPresent()) {
      response.setError(refusal.get());
    } else {
      schedules.running(new RegionId(region)).map(this::status).ifPresent(response::addOperators);
    }
    answer(out, response.build());
  }

  private Optional<PlacementError> submit(ByHand.Order order) {
    if (order.refusal().isPresent()) {
      return order.refusal().map(AdminService::invalid);
    }
    return order
        .operator()
        .flatMap(schedules::submit)
        .map(why -> PlacementErrors.of(PlacementError.Code.STALE, why));
  }

  private Optional<HeardRegion> region(long id) {
    return group.registry().region(new RegionId(id));
  }

  private static ByHand.Order unknown(long region) {
    return ByHand.Order.refused("region " + region + " is not known");
  }

  @Override
  public void splitRegions(SplitRegionsRequest request, StreamObserver<OperatorsResponse> out) {
    OperatorsResponse.Builder response = OperatorsResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isEmpty() && request.getKeysCount() > SPLIT_KEYS_MAX) {
      refusal = Optional.of(invalid("at most " + SPLIT_KEYS_MAX + " keys at once"));
    }
    if (refusal.isPresent()) {
      answer(out, response.setError(refusal.get()).build());
      return;
    }
    Map<HeardRegion, List<Bytes>> cuts = cuts(request);
    if (cuts.isEmpty()) {
      response.setError(invalid("no region is known there"));
    }
    cuts.forEach((region, keys) -> {
      Optional<PlacementError> refused = submit(ByHand.split(region, keys));
      if (refused.isPresent()) {
        response.setError(refused.get());
      } else {
        schedules
            .running(region.descriptor().id())
            .map(this::status)
            .ifPresent(response::addOperators);
        if (request.getScatter() && !schedules.scatter(region.descriptor().range())) {
          response.setError(
              PlacementErrors.of(PlacementError.Code.BUSY, "too many ranges are being scattered"));
        }
      }
    });
    if (!request.getScatter() || response.getOperatorsCount() == 0) {
      answer(out, response.build());
      return;
    }
    // The next leader shall go on spreading.
    group.propose(
        new NotePlanning(schedules.notes()),
        error -> answer(out, response.setError(error).build()),
        ruling -> answer(out, response.build()));
  }

  /** The keys by the region that they lie in; keys that bound a region already are done. */
  private Map<HeardRegion, List<Bytes>> cuts(SplitRegionsRequest request) {
    Map<HeardRegion, List<Bytes>> cuts = new LinkedHashMap<>();
    if (request.getKeysCount() == 0) {
      region(request.getRegionId()).ifPresent(region -> cuts.put(region, List.of()));
      return cuts;
    }
    request.getKeysList().stream().map(Bytes::of).sorted().distinct().forEach(key -> {
      List<HeardRegion> found = group.registry().regions(KeyRange.single(key), 1);
      found.forEach(
          region -> cuts.computeIfAbsent(region, any -> new ArrayList<>()).add(key));
    });
    return cuts;
  }

  @Override
  public void mergeRegions(MergeRegionsRequest request, StreamObserver<OperatorsResponse> out) {
    Optional<ClusterView> view = schedules.view();
    Optional<List<HeardRegion>> two = view.flatMap(
        known -> ByHand.neighbours(known, request.getRegionId(), request.getRightId()));
    order(
        request.getEnvelope(),
        two.map(pair -> pair.get(0).descriptor().id().value()).orElse(0L),
        () -> two.map(
                pair -> ByHand.merge(view.get(), schedules.limits(), pair.get(0), pair.get(1)))
            .orElseGet(() -> ByHand.Order.refused("no two such neighbours are known: regions "
                + request.getRegionId() + " and " + request.getRightId() + " (0: not named)")),
        out);
  }

  @Override
  public void transferLeader(TransferLeaderRequest request, StreamObserver<OperatorsResponse> out) {
    order(
        request.getEnvelope(),
        request.getRegionId(),
        () -> region(request.getRegionId())
            .map(region -> ByHand.transfer(region, new StoreId(request.getToStore())))
            .orElseGet(() -> unknown(request.getRegionId())),
        out);
  }

  @Override
  public void movePeer(MovePeerRequest request, StreamObserver<OperatorsResponse> out) {
    order(
        request.getEnvelope(),
        request.getRegionId(),
        () -> {
          Optional<HeardRegion> region = region(request.getRegionId());
          Optional<ClusterView> view = schedules.view();
          return region.isEmpty() || view.isEmpty()
              ? unknown(request.getRegionId())
              : ByHand.move(
                  view.get(),
                  region.get(),
                  new StoreId(request.getFromStore()),
                  new StoreId(request.getToStore()));
        },
        out);
  }

  @Override
  public void checkRegions(CheckRegionsRequest request, StreamObserver<CheckRegionsResponse> out) {
    CheckRegionsResponse.Builder response = CheckRegionsResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isPresent()) {
      answer(out, response.setError(refusal.get()).build());
      return;
    }
    long revision = Math.max(request.getRevision(), group.image().marks().compacted());
    HashSet<Long> wanted = new HashSet<>(request.getRegionIdsList());
    Map<StoreId, List<RegionOrder>> orders = new LinkedHashMap<>();
    for (HeardRegion region : group.registry().regions(KeyRange.ALL, REGIONS_MAX)) {
      long id = region.descriptor().id().value();
      if (!wanted.isEmpty() && !wanted.contains(id)) {
        continue;
      }
      Optional<Peer> leader = region.leader();
      if (leader.isEmpty()) {
        response.addLeaderless(id);
        continue;
      }
      response.addRegionIds(id);
      orders
          .computeIfAbsent(leader.get().store(), any -> new ArrayList<>())
          .add(RegionOrder.newBuilder()
              .setCheck(RegionOrder.CheckReplicas.newBuilder()
                  .setRegionId(id)
                  .setEpoch(Wire.epoch(region.descriptor().epoch()))
                  .setRevision(revision))
              .build());
    }
    orders.forEach(group.registry()::order);
    answer(out, response.setRevision(revision).build());
  }

  @Override
  public void changeStore(ChangeStoreRequest request, StreamObserver<ChangeStoreResponse> out) {
    ChangeStoreResponse.Builder response = ChangeStoreResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isPresent()) {
      answer(out, response.setError(refusal.get()).build());
      return;
    }
    StoreDescriptor.State up = StoreDescriptor.State.UP;
    StoreId store = new StoreId(request.getStoreId());
    ChangeStoreState change = switch (request.getChange()) {
      case DRAIN -> new ChangeStoreState(store, up, StoreDescriptor.State.DRAINING);
      case UNDO_DRAIN -> new ChangeStoreState(store, StoreDescriptor.State.DRAINING, up);
      case MAINTENANCE_ON -> new ChangeStoreState(store, up, StoreDescriptor.State.MAINTENANCE);
      case MAINTENANCE_OFF -> new ChangeStoreState(store, StoreDescriptor.State.MAINTENANCE, up);
      // A later client's change: from and to alike are never allowed.
      case UNRECOGNIZED ->
        new ChangeStoreState(
            store, StoreDescriptor.State.RETIRED, StoreDescriptor.State.DISCONNECTED);
    };
    group.propose(
        change,
        error -> answer(out, response.setError(error).build()),
        ruling -> answer(
            out, response.setState(StoreState.valueOf(change.to().name())).build()));
  }

  @Override
  public void listOperators(ListOperatorsRequest request, StreamObserver<OperatorsResponse> out) {
    OperatorsResponse.Builder response = OperatorsResponse.newBuilder();
    refusal(request.getEnvelope())
        .ifPresentOrElse(
            response::setError,
            () -> schedules
                .operators(Math.min(ENDED_MAX, request.getEndedMax()))
                .forEach(progress -> response.addOperators(status(progress))));
    answer(out, response.build());
  }

  @Override
  public void cancelOperator(CancelOperatorRequest request, StreamObserver<OperatorsResponse> out) {
    OperatorsResponse.Builder response = OperatorsResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isPresent()) {
      response.setError(refusal.get());
    } else if (!schedules.cancel(new RegionId(request.getRegionId()))) {
      response.setError(invalid("region " + request.getRegionId() + " has no operator under way"));
    } else {
      schedules.operators(1).stream()
          .filter(progress -> progress.operator().id().value() == request.getRegionId())
          .map(this::status)
          .forEach(response::addOperators);
    }
    answer(out, response.build());
  }

  private OperatorStatus status(OperatorBook.Progress progress) {
    Operator operator = progress.operator();
    boolean ended = progress.state() != OperatorBook.State.RUNNING;
    OperatorStatus.Builder status = OperatorStatus.newBuilder()
        .setNumber(progress.number())
        .setRegionId(operator.id().value())
        .setPlannedBy(operator.by())
        .setWhy(operator.why())
        .setState(OperatorStatus.State.valueOf(progress.state().name()))
        .setStep(progress.step())
        .setNote(progress.note())
        .setAgeMs(TimeUnit.NANOSECONDS.toMillis(schedules.nowNanos() - progress.startedNanos()))
        .setTookMs(
            ended
                ? TimeUnit.NANOSECONDS.toMillis(progress.endedNanos() - progress.startedNanos())
                : 0);
    operator.steps().forEach(step -> status.addSteps(step.toString()));
    return status.build();
  }

  @Override
  public void listSchedulers(
      ListSchedulersRequest request, StreamObserver<SchedulersResponse> out) {
    answer(out, schedulers(refusal(request.getEnvelope())));
  }

  @Override
  public void pauseScheduler(
      PauseSchedulerRequest request, StreamObserver<SchedulersResponse> out) {
    Optional<PlacementError> refusal =
        refusal(request.getEnvelope()).or(() -> unknown(request.getName()));
    if (refusal.isEmpty()) {
      schedules.pause(request.getName(), Math.max(0, request.getForMs()));
    }
    answerOnceNoted(refusal, out);
  }

  /** The next leader shall know of it, too. */
  private void answerOnceNoted(
      Optional<PlacementError> refusal, StreamObserver<SchedulersResponse> out) {
    if (refusal.isPresent()) {
      answer(out, schedulers(refusal));
      return;
    }
    group.propose(
        new NotePlanning(schedules.notes()),
        error -> answer(out, schedulers(Optional.of(error))),
        ruling -> answer(out, schedulers(Optional.empty())));
  }

  @Override
  public void resumeScheduler(
      ResumeSchedulerRequest request, StreamObserver<SchedulersResponse> out) {
    Optional<PlacementError> refusal =
        refusal(request.getEnvelope()).or(() -> unknown(request.getName()));
    if (refusal.isEmpty()) {
      schedules.resume(request.getName());
    }
    answerOnceNoted(refusal, out);
  }

  private Optional<PlacementError> unknown(String name) {
    List<String> names = schedules.rules().stream().map(Scheduler::name).toList();
    return names.contains(name)
        ? Optional.empty()
        : Optional.of(invalid("no scheduler is called '" + name + "': there are " + names));
  }

  private SchedulersResponse schedulers(Optional<PlacementError> refusal) {
    if (refusal.isPresent()) {
      return SchedulersResponse.newBuilder().setError(refusal.get()).build();
    }
    Map<String, Long> paused = schedules.paused();
    List<OperatorBook.Progress> running = schedules.operators(0);
    SchedulersResponse.Builder response = SchedulersResponse.newBuilder()
        .setPlanning(schedules.isPlanning())
        .setLastRoundMicros(TimeUnit.NANOSECONDS.toMicros(schedules.lastRoundNanos()));
    for (Scheduler rule : schedules.rules()) {
      Long until = paused.get(rule.name());
      response.addSchedulers(SchedulerStatus.newBuilder()
          .setName(rule.name())
          .setPaused(until != null)
          .setPausedForMs(
              until == null || until == 0
                  ? 0
                  : Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - schedules.nowNanos())))
          .setRunning((int) running.stream()
              .filter(progress -> progress.operator().by().equals(rule.name()))
              .count()));
    }
    return response.build();
  }

  @Override
  public void whyRegion(WhyRegionRequest request, StreamObserver<WhyResponse> out) {
    why(
        request.getEnvelope(),
        out,
        view -> view.region(new RegionId(request.getRegionId()))
            .map(region -> Why.region(
                view, schedules.limits(), schedules.rules(), schedules.paused().keySet(), region)));
  }

  @Override
  public void whyStore(WhyStoreRequest request, StreamObserver<WhyResponse> out) {
    why(
        request.getEnvelope(),
        out,
        view -> view.store(new StoreId(request.getStoreId()))
            .map(store -> Why.store(view, schedules.limits(), store.id())));
  }

  private void why(
      Envelope envelope,
      StreamObserver<WhyResponse> out,
      java.util.function.Function<ClusterView, Optional<List<String>>> explain) {
    WhyResponse.Builder response = WhyResponse.newBuilder();
    Optional<PlacementError> refusal = refusal(envelope);
    if (refusal.isPresent()) {
      answer(out, response.setError(refusal.get()).build());
      return;
    }
    Optional<List<String>> lines = schedules.view().flatMap(explain);
    if (lines.isEmpty()) {
      response.setError(invalid("it is not known to the placement driver"));
    } else if (!schedules.isPlanning()) {
      response.addLines("this PD leads since a moment ago and has not heard enough yet to plan");
    }
    answer(out, response.addAllLines(lines.orElse(List.of())).build());
  }
}
