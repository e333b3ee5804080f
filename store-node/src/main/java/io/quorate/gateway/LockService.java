package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.client.DeleteOptions;
import io.quorate.client.QuorateClient;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.lock.LockGrpc;
import io.quorate.proto.etcd.lock.LockRequest;
import io.quorate.proto.etcd.lock.LockResponse;
import io.quorate.proto.etcd.lock.UnlockRequest;
import io.quorate.proto.etcd.lock.UnlockResponse;
import java.util.concurrent.CompletableFuture;

/**
 * etcd's Lock service: fair locks, each held by a key under the caller's lease (etcd server/etcdserver/api/v3lock). Owned by a
 * gateway. Thread: calls come in on I/O threads, which never wait here.
 */
final class LockService extends LockGrpc.LockImplBase {
  private static final Status SESSION_EXPIRED =
      Status.UNKNOWN.withDescription("mutex: session is expired");

  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final WaitingLine line;

  LockService(QuorateClient client, ResponseHeaders headers, WaitingLine line) {
    this.client = client;
    this.headers = headers;
    this.line = line;
  }

  @Override
  public void lock(LockRequest request, StreamObserver<LockResponse> answer) {
    Context call = Context.current();
    Answers.send(
        answer,
        () -> line.lease(request.getLease())
            .thenCompose(lease -> line.enter(Bytes.of(request.getName()), lease, Bytes.EMPTY))
            .thenCompose(place -> await(place, call)));
  }

  private CompletableFuture<LockResponse> await(WaitingLine.Place place, Context call) {
    return line.turn(place, call)
        .exceptionallyCompose(
            failure -> line.leave(place.key(), place.created()).handle((left, unheard) -> {
              throw EtcdErrors.of(failure);
            }))
        .thenCompose(turn -> line.look(place))
        .thenApply(found -> {
          boolean held =
              !found.kvs().isEmpty() && found.kvs().get(0).createRevision() == place.created();
          if (!held) {
            throw SESSION_EXPIRED.asRuntimeException();
          }
          return LockResponse.newBuilder()
              .setHeader(headers.at(found.revision()))
              .setKey(place.key().toByteString())
              .build();
        });
  }

  @Override
  public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> answer) {
    Answers.send(answer, () -> {
      if (request.getKey().isEmpty()) {
        throw EtcdErrors.KEY_NOT_PROVIDED.asRuntimeException();
      }
      return client
          .deleteRange(KeyRange.single(Bytes.of(request.getKey())), DeleteOptions.DEFAULT)
          .thenApply(done ->
              UnlockResponse.newBuilder().setHeader(headers.at(done.revision())).build());
    });
  }
}
