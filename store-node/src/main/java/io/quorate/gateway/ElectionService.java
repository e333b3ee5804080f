package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnResult;
import io.quorate.model.Bytes;
import io.quorate.proto.etcd.election.CampaignRequest;
import io.quorate.proto.etcd.election.CampaignResponse;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.election.LeaderKey;
import io.quorate.proto.etcd.election.LeaderRequest;
import io.quorate.proto.etcd.election.LeaderResponse;
import io.quorate.proto.etcd.election.ProclaimRequest;
import io.quorate.proto.etcd.election.ProclaimResponse;
import io.quorate.proto.etcd.election.ResignRequest;
import io.quorate.proto.etcd.election.ResignResponse;
import java.util.concurrent.CompletableFuture;

/**
 * etcd's Election service: the first in the line leads (etcd server/etcdserver/api/v3election). Owned by a gateway. Thread: calls
 * come in on I/O threads, which never wait here.
 */
final class ElectionService extends ElectionGrpc.ElectionImplBase {
  private static final Status NOT_LEADER = Status.UNKNOWN.withDescription("election: not leader");
  private static final Status NO_LEADER = Status.UNKNOWN.withDescription("election: no leader");
  private static final Status NO_LEADER_GIVEN =
      Status.UNKNOWN.withDescription("\"leader\" field must be provided");

  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final WaitingLine line;

  ElectionService(QuorateClient client, ResponseHeaders headers, WaitingLine line) {
    this.client = client;
    this.headers = headers;
    this.line = line;
  }

  @Override
  public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> answer) {
    Context call = Context.current();
    Bytes value = Bytes.of(request.getValue());
    Answers.send(
        answer,
        () -> line.lease(request.getLease())
            .thenCompose(lease -> line.enter(Bytes.of(request.getName()), lease, value))
            .thenCompose(place -> said(place, value))
            .thenCompose(place -> line.turn(place, call)
                .exceptionallyCompose(
                    failure -> line.leave(place.key(), place.created()).handle((left, unheard) -> {
                      throw EtcdErrors.of(failure);
                    }))
                .thenApply(turn -> elected(request, place))));
  }

  /** Who had a place already may come with another value. */
  private CompletableFuture<WaitingLine.Place> said(WaitingLine.Place place, Bytes value) {
    if (place.value().isEmpty() || place.value().get().equals(value)) {
      return CompletableFuture.completedFuture(place);
    }
    return line.change(place.key(), place.created(), place.lease(), value)
        .thenApply(ElectionService::held)
        .thenApply(changed -> place);
  }

  private CampaignResponse elected(CampaignRequest request, WaitingLine.Place place) {
    return CampaignResponse.newBuilder()
        .setHeader(headers.at(place.revision()))
        .setLeader(LeaderKey.newBuilder()
            .setName(request.getName())
            .setKey(place.key().toByteString())
            .setRev(place.created())
            .setLease(place.lease()))
        .build();
  }

  private static TxnResult held(TxnResult change) {
    if (!change.succeeded()) {
      throw NOT_LEADER.asRuntimeException();
    }
    return change;
  }

  @Override
  public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> answer) {
    Answers.send(answer, () -> {
      LeaderKey leader = given(request.hasLeader(), request.getLeader());
      return line.lease(leader.getLease())
          .thenCompose(lease -> line.change(
              Bytes.of(leader.getKey()), leader.getRev(), lease, Bytes.of(request.getValue())))
          .thenApply(ElectionService::held)
          .thenApply(done -> ProclaimResponse.newBuilder()
              .setHeader(headers.at(done.revision()))
              .build());
    });
  }

  @Override
  public void resign(ResignRequest request, StreamObserver<ResignResponse> answer) {
    Answers.send(answer, () -> {
      LeaderKey leader = given(request.hasLeader(), request.getLeader());
      return line.leave(Bytes.of(leader.getKey()), leader.getRev())
          .thenApply(done ->
              ResignResponse.newBuilder().setHeader(headers.at(done.revision())).build());
    });
  }

  private static LeaderKey given(boolean is, LeaderKey leader) {
    if (!is) {
      throw NO_LEADER_GIVEN.asRuntimeException();
    }
    if (leader.getKey().isEmpty()) {
      throw EtcdErrors.KEY_NOT_PROVIDED.asRuntimeException();
    }
    return leader;
  }

  @Override
  public void leader(LeaderRequest request, StreamObserver<LeaderResponse> answer) {
    Answers.send(
        answer,
        () -> line.first(Bytes.of(request.getName())).thenApply(found -> {
          if (found.kvs().isEmpty()) {
            throw NO_LEADER.asRuntimeException();
          }
          return LeaderResponse.newBuilder()
              .setHeader(headers.at(found.revision()))
              .setKv(KvResponses.keyValue(found.kvs().get(0)))
              .build();
        }));
  }

  @Override
  public void observe(LeaderRequest request, StreamObserver<LeaderResponse> answer) {
    new ObserveStream(client, headers, line, Bytes.of(request.getName()), (ServerCallStreamObserver<
                LeaderResponse>)
            answer)
        .begin();
  }
}
