package io.quorate.gateway;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.StoreStatus;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.Member;
import io.quorate.proto.etcd.MemberAddRequest;
import io.quorate.proto.etcd.MemberAddResponse;
import io.quorate.proto.etcd.MemberListRequest;
import io.quorate.proto.etcd.MemberListResponse;
import io.quorate.proto.etcd.MemberPromoteRequest;
import io.quorate.proto.etcd.MemberPromoteResponse;
import io.quorate.proto.etcd.MemberRemoveRequest;
import io.quorate.proto.etcd.MemberRemoveResponse;
import io.quorate.proto.etcd.MemberUpdateRequest;
import io.quorate.proto.etcd.MemberUpdateResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * etcd's Cluster service: the members are the stores that serve, so that clients which replace their endpoints by this list go on
 * working. Stores come and go by Quorate's own commands. Owned by a gateway; calls never wait.
 */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private static final Status BY_STORES = Status.FAILED_PRECONDITION.withDescription(
      "quorate: members are stores; start a store with --pd to add one, use 'quorate store drain' to remove one");

  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final String scheme;

  /**
   * A cluster's members as clients reach them.
   *
   * @param scheme of client URLs: {@code http} or {@code https}
   */
  ClusterService(QuorateClient client, ResponseHeaders headers, String scheme) {
    this.client = client;
    this.headers = headers;
    this.scheme = scheme;
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> answer) {
    Answers.send(
        answer,
        () -> members()
            .thenCombine(
                client.placement().oracle().current(),
                (members, now) -> MemberListResponse.newBuilder()
                    .setHeader(headers.at(now.revision()))
                    .addAllMembers(members)
                    .build()));
  }

  @Override
  public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> answer) {
    answer.onError(BY_STORES.asRuntimeException());
  }

  @Override
  public void memberRemove(
      MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> answer) {
    refuse(request.getID(), answer);
  }

  @Override
  public void memberUpdate(
      MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> answer) {
    refuse(request.getID(), answer);
  }

  @Override
  public void memberPromote(
      MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> answer) {
    refuse(request.getID(), answer);
  }

  private void refuse(long id, StreamObserver<?> answer) {
    var unused = members().whenComplete((members, failure) -> {
      if (failure != null) {
        answer.onError(EtcdErrors.of(failure));
      } else if (members.stream().noneMatch(member -> member.getID() == id)) {
        answer.onError(EtcdErrors.MEMBER_NOT_FOUND.asRuntimeException());
      } else {
        answer.onError(BY_STORES.asRuntimeException());
      }
    });
  }

  private CompletableFuture<List<Member>> members() {
    return client
        .placement()
        .listStores()
        .thenApply(stores -> stores.stream()
            .map(StoreStatus::getStore)
            .map(Wire::store)
            .filter(store -> store.state() != StoreDescriptor.State.RETIRED)
            .map(this::member)
            .toList());
  }

  private Member member(StoreDescriptor store) {
    return Member.newBuilder()
        .setID(store.id().value())
        .setName("store-" + store.id().value())
        .addPeerURLs(scheme + "://" + store.peerAddress())
        .addClientURLs(scheme + "://" + store.clientAddress())
        .build();
  }
}
