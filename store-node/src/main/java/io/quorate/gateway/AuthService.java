package io.quorate.gateway;

import io.grpc.stub.StreamObserver;
import io.quorate.client.QuorateClient;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthStatusRequest;
import io.quorate.proto.etcd.AuthStatusResponse;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.AuthenticateResponse;

/** etcd's Auth service of a cluster that has no users: what clients ask before they do without. Owned by a gateway; calls never wait. */
final class AuthService extends AuthGrpc.AuthImplBase {
  private final QuorateClient client;
  private final ResponseHeaders headers;

  AuthService(QuorateClient client, ResponseHeaders headers) {
    this.client = client;
    this.headers = headers;
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> answer) {
    Answers.send(
        answer,
        () -> client
            .placement()
            .oracle()
            .current()
            .thenApply(now -> AuthStatusResponse.newBuilder()
                .setHeader(headers.at(now.revision()))
                .setAuthRevision(now.authRevision())
                .build()));
  }

  @Override
  public void authenticate(
      AuthenticateRequest request, StreamObserver<AuthenticateResponse> answer) {
    answer.onError(EtcdErrors.AUTH_NOT_ENABLED.asRuntimeException());
  }
}
