package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.OracleState;
import io.quorate.model.Bytes;
import io.quorate.proto.StoreStatus;
import io.quorate.proto.etcd.AlarmRequest;
import io.quorate.proto.etcd.AlarmResponse;
import io.quorate.proto.etcd.DefragmentRequest;
import io.quorate.proto.etcd.DefragmentResponse;
import io.quorate.proto.etcd.HashKVRequest;
import io.quorate.proto.etcd.HashKVResponse;
import io.quorate.proto.etcd.HashRequest;
import io.quorate.proto.etcd.HashResponse;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.MoveLeaderRequest;
import io.quorate.proto.etcd.MoveLeaderResponse;
import io.quorate.proto.etcd.SnapshotRequest;
import io.quorate.proto.etcd.SnapshotResponse;
import io.quorate.proto.etcd.StatusRequest;
import io.quorate.proto.etcd.StatusResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * etcd's Maintenance service as far as it has a meaning for many groups. What etcd tells of its one group is told of the region
 * that owns the smallest keys. Owned by a gateway; calls never wait.
 */
final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  /** The etcd that this speaks like: clients choose what they ask for by it. */
  static final String VERSION = "3.5.21";

  /** Calls under way at once that read all keys; one more is refused. */
  private static final int SCANS_MAX = 2;

  private static final Status TOO_MANY =
      Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests");

  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final Semaphore scans = new Semaphore(SCANS_MAX);

  MaintenanceService(QuorateClient client, ResponseHeaders headers) {
    this.client = client;
    this.headers = headers;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
    Answers.send(answer, () -> {
      CompletableFuture<Optional<Located>> first = client
          .placement()
          .lookup(Bytes.EMPTY)
          .thenApply(listing -> listing.regions().stream().findFirst());
      return client
          .placement()
          .listStores()
          .thenCombine(first, Seen::new)
          .thenCombine(client.placement().oracle().current(), this::status);
    });
  }

  /** What one status is made of. */
  private record Seen(List<StoreStatus> stores, Optional<Located> first) {}

  private StatusResponse status(Seen seen, OracleState now) {
    StatusResponse.Builder status = StatusResponse.newBuilder()
        .setHeader(headers.at(now.revision()))
        .setVersion(VERSION)
        // Indexes of many logs cannot be told in one number; the revision is what grows with every
        // write.
        .setRaftIndex(now.revision())
        .setRaftAppliedIndex(now.revision());
    seen.stores().stream()
        .filter(store -> store.getStore().getStoreId() == headers.member())
        .findFirst()
        .ifPresent(self -> status
            .setDbSize(self.getStats().getUsedBytes())
            .setDbSizeInUse(self.getStats().getLiveBytes()));
    seen.first().ifPresent(region -> {
      region.leader().ifPresent(leader -> status.setLeader(leader.store().value()));
      status.setRaftTerm(Math.max(1, region.term()));
    });
    return status.build();
  }

  /** A store that has trouble says so by its own means; nothing is blocked by alarms. */
  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> answer) {
    Answers.send(
        answer,
        () -> client
            .placement()
            .oracle()
            .current()
            .thenApply(now ->
                AlarmResponse.newBuilder().setHeader(headers.at(now.revision())).build()));
  }

  /** Space comes back by itself: there is nothing to do. */
  @Override
  public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> answer) {
    answer.onNext(DefragmentResponse.getDefaultInstance());
    answer.onCompleted();
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> answer) {
    BooleanSupplier gone = Context.current()::isCancelled;
    Answers.send(
        answer,
        () -> client
            .placement()
            .oracle()
            .current()
            .thenCompose(now -> scan(now.revision(), gone)
                .thenApply(hash -> HashResponse.newBuilder()
                    .setHeader(headers.at(now.revision()))
                    .setHash(hash)
                    .build())));
  }

  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> answer) {
    BooleanSupplier gone = Context.current()::isCancelled;
    Answers.send(
        answer,
        () -> client.placement().oracle().current().thenCompose(now -> {
          long revision = request.getRevision() == 0 ? now.revision() : request.getRevision();
          if (revision > now.revision()) {
            throw EtcdErrors.FUTURE_REVISION.asRuntimeException();
          }
          if (revision < now.compacted()) {
            throw EtcdErrors.COMPACTED.asRuntimeException();
          }
          return scan(revision, gone)
              .thenApply(hash -> HashKVResponse.newBuilder()
                  .setHeader(headers.at(now.revision()))
                  .setHash(hash)
                  .setCompactRevision(now.compacted())
                  .setHashRevision(revision)
                  .build());
        }));
  }

  private CompletableFuture<Integer> scan(long revision, BooleanSupplier gone) {
    if (!scans.tryAcquire()) {
      throw TOO_MANY.asRuntimeException();
    }
    return new KeyHash(client, revision, gone)
        .compute()
        .whenComplete((hash, failure) -> scans.release());
  }

  @Override
  public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> answer) {
    if (!scans.tryAcquire()) {
      answer.onError(TOO_MANY.asRuntimeException());
      return;
    }
    new SnapshotStream(client, (ServerCallStreamObserver<SnapshotResponse>) answer, scans::release)
        .begin();
  }

  /** There is no one leader to move: regions have theirs, and placement spreads them. */
  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> answer) {
    answer.onError(EtcdErrors.NOT_LEADER.asRuntimeException());
  }
}
