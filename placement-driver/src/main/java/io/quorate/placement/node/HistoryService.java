package io.quorate.placement.node;

import io.grpc.stub.StreamObserver;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.Compact;
import io.quorate.placement.cluster.DropBarrier;
import io.quorate.placement.cluster.ExtendRevisions;
import io.quorate.placement.cluster.HoldBarrier;
import io.quorate.placement.cluster.PlacementRecord;
import io.quorate.placement.cluster.RenewBarrier;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.history.Barrier;
import io.quorate.placement.history.Retention;
import io.quorate.placement.registry.Envelopes;
import io.quorate.proto.BarrierResponse;
import io.quorate.proto.CompactRequest;
import io.quorate.proto.CompactResponse;
import io.quorate.proto.Envelope;
import io.quorate.proto.HeldBarrier;
import io.quorate.proto.HistoryServiceGrpc;
import io.quorate.proto.HoldBarrierRequest;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RaiseRevisionRequest;
import io.quorate.proto.RaiseRevisionResponse;
import io.quorate.proto.ReleaseBarrierRequest;
import io.quorate.proto.RenewBarrierRequest;
import io.quorate.proto.ShowHistoryRequest;
import io.quorate.proto.ShowHistoryResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** What people and stores ask of PD about the past. Thread: gRPC's; never blocks. */
final class HistoryService extends HistoryServiceGrpc.HistoryServiceImplBase {
  /** A restore may raise the counter by so much at most, so that a slip of a digit does not use it up. */
  private static final long LAST_REVISION_MAX = Long.MAX_VALUE / 4;

  private final PlacementConfig config;
  private final PlacementGroup group;
  private final HistoryHost history;
  private final LongSupplier wallMillis;

  HistoryService(
      PlacementConfig config, PlacementGroup group, HistoryHost history, LongSupplier wallMillis) {
    this.config = config;
    this.group = group;
    this.history = history;
    this.wallMillis = wallMillis;
  }

  private Optional<PlacementError> refusal(Envelope envelope) {
    return Envelopes.refusal(envelope, group.image());
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }

  /** The newest revision, by a leader that was confirmed after the question came. */
  private void newest(Consumer<PlacementError> refuse, LongConsumer found) {
    OracleAsk current = OracleAsk.newBuilder().setAskId(1).build();
    group
        .oracle()
        .ask(
            response -> {
              if (response.hasError()) {
                refuse.accept(response.getError());
              } else {
                found.accept(response.getAnswers(0).getRevision());
              }
            },
            List.of(current));
  }

  @Override
  public void compact(CompactRequest request, StreamObserver<CompactResponse> out) {
    Consumer<PlacementError> refuse = error -> answer(
        out,
        CompactResponse.newBuilder()
            .setError(error)
            .setCompacted(group.image().marks().compacted())
            .build());
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isPresent()) {
      refuse.accept(refusal.get());
      return;
    }
    newest(refuse, current -> {
      if (request.getRevision() > current) {
        refuse.accept(PlacementErrors.of(
            PlacementError.Code.FUTURE_REVISION,
            "etcdserver: mvcc: required revision is a future revision"));
      } else {
        group.propose(
            new Compact(request.getRevision(), request.getNonce()),
            refuse,
            ruling -> answer(
                out,
                CompactResponse.newBuilder().setCompacted(request.getRevision()).build()));
      }
    });
  }

  @Override
  public void holdBarrier(HoldBarrierRequest request, StreamObserver<BarrierResponse> out) {
    Consumer<PlacementError> refuse = refusing(out);
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isPresent()) {
      refuse.accept(refusal.get());
      return;
    }
    newest(refuse, current -> {
      long revision = request.getRevision() == 0 ? current : request.getRevision();
      if (revision > current) {
        refuse.accept(PlacementErrors.of(
            PlacementError.Code.FUTURE_REVISION,
            "etcdserver: mvcc: required revision is a future revision"));
      } else {
        propose(
            new HoldBarrier(new Barrier(
                request.getName(),
                request.getOwner(),
                revision,
                request.getTtlMs(),
                wallMillis.getAsLong(),
                0)),
            out);
      }
    });
  }

  @Override
  public void renewBarrier(RenewBarrierRequest request, StreamObserver<BarrierResponse> out) {
    refusal(request.getEnvelope())
        .ifPresentOrElse(refusing(out), () -> propose(new RenewBarrier(request.getName()), out));
  }

  @Override
  public void releaseBarrier(ReleaseBarrierRequest request, StreamObserver<BarrierResponse> out) {
    refusal(request.getEnvelope())
        .ifPresentOrElse(
            refusing(out),
            () -> propose(new DropBarrier(request.getName(), DropBarrier.RELEASED), out));
  }

  private static Consumer<PlacementError> refusing(StreamObserver<BarrierResponse> out) {
    return error -> answer(out, BarrierResponse.newBuilder().setError(error).build());
  }

  private void propose(PlacementRecord record, StreamObserver<BarrierResponse> out) {
    group.propose(record, refusing(out), ruling -> {
      long revision = ruling instanceof Ruling.Given given ? given.value() : 0;
      answer(out, BarrierResponse.newBuilder().setRevision(revision).build());
    });
  }

  @Override
  public void showHistory(ShowHistoryRequest request, StreamObserver<ShowHistoryResponse> out) {
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    OptionalLong revision = group.oracle().newest();
    if (refusal.isPresent() || revision.isEmpty()) {
      PlacementError error = refusal.orElseGet(group::notLeader);
      answer(out, ShowHistoryResponse.newBuilder().setError(error).build());
      return;
    }
    ClusterImage image = group.image();
    Retention retention = history.limits().retention();
    ShowHistoryResponse.Builder response = ShowHistoryResponse.newBuilder()
        .setCompacted(image.marks().compacted())
        .setFloor(image.floor())
        .setRevision(revision.getAsLong())
        .setRetentionMode(retention.modeName())
        .setRetention(retention.amount())
        .setTimeSamples(history.samples());
    Map<String, Long> left = history.left(image.history().barriers().values());
    image
        .history()
        .barriers()
        .values()
        .forEach(barrier -> response.addBarriers(HeldBarrier.newBuilder()
            .setName(barrier.name())
            .setOwner(barrier.owner())
            .setRevision(barrier.revision())
            .setTtlMs(barrier.ttlMillis())
            .setCreatedMs(barrier.createdMillis())
            .setLeftMs(left.getOrDefault(barrier.name(), 0L))));
    answer(out, response.build());
  }

  @Override
  public void raiseRevision(
      RaiseRevisionRequest request, StreamObserver<RaiseRevisionResponse> out) {
    Consumer<PlacementError> refuse =
        error -> answer(out, RaiseRevisionResponse.newBuilder().setError(error).build());
    Optional<PlacementError> refusal = refusal(request.getEnvelope());
    if (refusal.isEmpty() && (request.getAbove() < 0 || request.getAbove() > LAST_REVISION_MAX)) {
      refusal = Optional.of(PlacementErrors.of(
          PlacementError.Code.INVALID, "no revision is that high: " + request.getAbove()));
    }
    if (refusal.isPresent()) {
      refuse.accept(refusal.get());
      return;
    }
    // Once the bound is in the log, every later leader starts above it; this one is told.
    long bound = request.getAbove() + 1 + config.oracle().windowSize();
    group.propose(new ExtendRevisions(bound), refuse, ruling -> {
      group.oracle().raise(request.getAbove() + 1);
      newest(
          refuse,
          current -> answer(
              out, RaiseRevisionResponse.newBuilder().setRevision(current).build()));
    });
  }
}
