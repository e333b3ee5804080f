package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.client.placement.OracleState;
import io.quorate.model.Bytes;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrantResponse;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseLeasesResponse;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseRevokeResponse;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveResponse;
import java.util.concurrent.CompletableFuture;

/**
 * etcd's Lease service. Ids are good on every store at once. Owned by a gateway. Thread: calls come in on I/O threads, which never
 * wait here.
 */
final class LeaseService extends LeaseGrpc.LeaseImplBase {
  private final QuorateClient client;
  private final ResponseHeaders headers;

  LeaseService(QuorateClient client, ResponseHeaders headers) {
    this.client = client;
    this.headers = headers;
  }

  @Override
  public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> answer) {
    Answers.send(
        answer,
        () -> client
            .leases()
            .grant(request.getTTL(), request.getID())
            .thenCombine(
                now(),
                (lease, now) -> LeaseGrantResponse.newBuilder()
                    .setHeader(headers.at(now.revision()))
                    .setID(lease.id())
                    .setTTL(lease.ttlSeconds())
                    .build()));
  }

  @Override
  public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> answer) {
    // The header is asked for afterwards, so that it covers the deletions.
    Answers.send(
        answer,
        () -> client
            .leases()
            .revoke(request.getID())
            .thenCompose(done -> now())
            .thenApply(now -> LeaseRevokeResponse.newBuilder()
                .setHeader(headers.at(now.revision()))
                .build()));
  }

  @Override
  public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
      StreamObserver<LeaseKeepAliveResponse> answer) {
    return new KeepAliveStream(
        this::keepAlive, (ServerCallStreamObserver<LeaseKeepAliveResponse>) answer);
  }

  /** The header is taken before the lease is renewed, as etcd does; a lease that is not there has zero seconds left. */
  private CompletableFuture<LeaseKeepAliveResponse> keepAlive(long id) {
    return now()
        .thenCompose(now -> client
            .leases()
            .keepAliveOnce(id)
            .thenApply(ttl -> LeaseKeepAliveResponse.newBuilder()
                .setHeader(headers.at(now.revision()))
                .setID(id)
                .setTTL(ttl)
                .build()));
  }

  @Override
  public void leaseTimeToLive(
      LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> answer) {
    Answers.send(
        answer,
        () -> client
            .leases()
            .timeToLive(request.getID(), request.getKeys())
            .thenCombine(now(), this::timeToLive));
  }

  private LeaseTimeToLiveResponse timeToLive(LeaseStatus status, OracleState now) {
    LeaseTimeToLiveResponse.Builder response = LeaseTimeToLiveResponse.newBuilder()
        .setHeader(headers.at(now.revision()))
        .setID(status.id())
        .setTTL(status.ttlSeconds())
        .setGrantedTTL(status.grantedTtlSeconds());
    status.keys().stream().map(Bytes::toByteString).forEach(response::addKeys);
    return response.build();
  }

  @Override
  public void leaseLeases(LeaseLeasesRequest request, StreamObserver<LeaseLeasesResponse> answer) {
    Answers.send(
        answer,
        () -> client.leases().list().thenCombine(now(), (ids, now) -> {
          LeaseLeasesResponse.Builder response =
              LeaseLeasesResponse.newBuilder().setHeader(headers.at(now.revision()));
          ids.forEach(id -> response.addLeasesBuilder().setID(id));
          return response.build();
        }));
  }

  private CompletableFuture<OracleState> now() {
    return client.placement().oracle().current();
  }
}
