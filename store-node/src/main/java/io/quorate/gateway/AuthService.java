package io.quorate.gateway;

import io.grpc.stub.StreamObserver;
import io.quorate.auth.AuthError;
import io.quorate.auth.Callers;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.client.QuorateClient;
import io.quorate.client.placement.AuthClient;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AdministerResponse;
import io.quorate.proto.etcd.AuthDisableRequest;
import io.quorate.proto.etcd.AuthDisableResponse;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthEnableResponse;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthRoleAddResponse;
import io.quorate.proto.etcd.AuthRoleDeleteRequest;
import io.quorate.proto.etcd.AuthRoleDeleteResponse;
import io.quorate.proto.etcd.AuthRoleGetRequest;
import io.quorate.proto.etcd.AuthRoleGetResponse;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionResponse;
import io.quorate.proto.etcd.AuthRoleListRequest;
import io.quorate.proto.etcd.AuthRoleListResponse;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionResponse;
import io.quorate.proto.etcd.AuthStatusRequest;
import io.quorate.proto.etcd.AuthStatusResponse;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserAddResponse;
import io.quorate.proto.etcd.AuthUserChangePasswordRequest;
import io.quorate.proto.etcd.AuthUserChangePasswordResponse;
import io.quorate.proto.etcd.AuthUserDeleteRequest;
import io.quorate.proto.etcd.AuthUserDeleteResponse;
import io.quorate.proto.etcd.AuthUserGetRequest;
import io.quorate.proto.etcd.AuthUserGetResponse;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleResponse;
import io.quorate.proto.etcd.AuthUserListRequest;
import io.quorate.proto.etcd.AuthUserListResponse;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleResponse;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.AuthenticateResponse;
import io.quorate.proto.etcd.ResponseHeader;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * etcd's Auth service: finds out who asks, and hands on to the placement driver, which keeps users and roles and judges. Owned by a
 * gateway. Thread: calls come in on I/O threads, which never wait here.
 */
final class AuthService extends AuthGrpc.AuthImplBase {
  private final QuorateClient client;
  private final AuthClient auth;
  private final ResponseHeaders headers;
  private final Access access;

  AuthService(QuorateClient client, ResponseHeaders headers, Access access) {
    this.client = client;
    this.auth = client.placement().auth();
    this.headers = headers;
    this.access = access;
  }

  /** A user of the past has no say; PD is told of the others by name. */
  private <A> void ask(
      StreamObserver<A> to,
      Consumer<AdministerRequest.Builder> call,
      BiFunction<ResponseHeader, AdministerResponse, A> written) {
    Principal who = Callers.current();
    Answers.send(
        to,
        () -> known(who).thenCompose(done -> {
          AdministerRequest.Builder request = AdministerRequest.newBuilder().setAsUser(who.name());
          call.accept(request);
          return auth.administer(request.build())
              .thenCombine(
                  client.placement().oracle().current(),
                  (answer, now) -> written.apply(headers.at(now.revision()), answer));
        }));
  }

  private CompletableFuture<Void> known(Principal who) {
    boolean nobody = who.kind() == Principal.Kind.ANONYMOUS;
    CompletableFuture<Optional<AuthError>> refusal = nobody
        ? CompletableFuture.completedFuture(Optional.empty())
        : access.refusal((Judge judge) -> judge.refusal(who));
    return refusal.thenAccept(found -> found.ifPresent(error -> {
      throw error.status().asRuntimeException();
    }));
  }

  @Override
  public void authenticate(
      AuthenticateRequest request, StreamObserver<AuthenticateResponse> answer) {
    Answers.send(
        answer,
        () -> auth.logIn(request.getName(), request.getPassword())
            .thenCombine(
                client.placement().oracle().current(),
                (token, now) -> AuthenticateResponse.newBuilder()
                    .setHeader(headers.at(now.revision()))
                    .setToken(token.text())
                    .build()));
  }

  @Override
  public void authStatus(AuthStatusRequest request, StreamObserver<AuthStatusResponse> answer) {
    Answers.send(
        answer,
        () -> auth.administer(AdministerRequest.newBuilder().setStatus(request).build())
            .thenCombine(
                client.placement().oracle().current(),
                (told, now) -> AuthStatusResponse.newBuilder()
                    .setHeader(headers.at(now.revision()))
                    .setEnabled(told.getEnabled())
                    .setAuthRevision(told.getAuthRevision())
                    .build()));
  }

  @Override
  public void authEnable(AuthEnableRequest request, StreamObserver<AuthEnableResponse> answer) {
    ask(
        answer,
        call -> call.setEnable(request),
        (header, told) -> AuthEnableResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void authDisable(AuthDisableRequest request, StreamObserver<AuthDisableResponse> answer) {
    ask(
        answer,
        call -> call.setDisable(request),
        (header, told) -> AuthDisableResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void userAdd(AuthUserAddRequest request, StreamObserver<AuthUserAddResponse> answer) {
    ask(
        answer,
        call -> call.setUserAdd(request),
        (header, told) -> AuthUserAddResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void userGet(AuthUserGetRequest request, StreamObserver<AuthUserGetResponse> answer) {
    ask(
        answer,
        call -> call.setUserGet(request),
        (header, told) -> AuthUserGetResponse.newBuilder()
            .setHeader(header)
            .addAllRoles(told.getNamesList())
            .build());
  }

  @Override
  public void userList(AuthUserListRequest request, StreamObserver<AuthUserListResponse> answer) {
    ask(
        answer,
        call -> call.setUserList(request),
        (header, told) -> AuthUserListResponse.newBuilder()
            .setHeader(header)
            .addAllUsers(told.getNamesList())
            .build());
  }

  @Override
  public void userDelete(
      AuthUserDeleteRequest request, StreamObserver<AuthUserDeleteResponse> answer) {
    ask(
        answer,
        call -> call.setUserDelete(request),
        (header, told) -> AuthUserDeleteResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void userChangePassword(
      AuthUserChangePasswordRequest request,
      StreamObserver<AuthUserChangePasswordResponse> answer) {
    ask(
        answer,
        call -> call.setChangePassword(request),
        (header, told) ->
            AuthUserChangePasswordResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void userGrantRole(
      AuthUserGrantRoleRequest request, StreamObserver<AuthUserGrantRoleResponse> answer) {
    ask(
        answer,
        call -> call.setGrantRole(request),
        (header, told) ->
            AuthUserGrantRoleResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void userRevokeRole(
      AuthUserRevokeRoleRequest request, StreamObserver<AuthUserRevokeRoleResponse> answer) {
    ask(
        answer,
        call -> call.setRevokeRole(request),
        (header, told) ->
            AuthUserRevokeRoleResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void roleAdd(AuthRoleAddRequest request, StreamObserver<AuthRoleAddResponse> answer) {
    ask(
        answer,
        call -> call.setRoleAdd(request),
        (header, told) -> AuthRoleAddResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void roleGet(AuthRoleGetRequest request, StreamObserver<AuthRoleGetResponse> answer) {
    ask(
        answer,
        call -> call.setRoleGet(request),
        (header, told) -> AuthRoleGetResponse.newBuilder()
            .setHeader(header)
            .addAllPerm(told.getPermissionsList())
            .build());
  }

  @Override
  public void roleList(AuthRoleListRequest request, StreamObserver<AuthRoleListResponse> answer) {
    ask(
        answer,
        call -> call.setRoleList(request),
        (header, told) -> AuthRoleListResponse.newBuilder()
            .setHeader(header)
            .addAllRoles(told.getNamesList())
            .build());
  }

  @Override
  public void roleDelete(
      AuthRoleDeleteRequest request, StreamObserver<AuthRoleDeleteResponse> answer) {
    ask(
        answer,
        call -> call.setRoleDelete(request),
        (header, told) -> AuthRoleDeleteResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void roleGrantPermission(
      AuthRoleGrantPermissionRequest request,
      StreamObserver<AuthRoleGrantPermissionResponse> answer) {
    ask(
        answer,
        call -> call.setGrantPermission(request),
        (header, told) ->
            AuthRoleGrantPermissionResponse.newBuilder().setHeader(header).build());
  }

  @Override
  public void roleRevokePermission(
      AuthRoleRevokePermissionRequest request,
      StreamObserver<AuthRoleRevokePermissionResponse> answer) {
    ask(
        answer,
        call -> call.setRevokePermission(request),
        (header, told) ->
            AuthRoleRevokePermissionResponse.newBuilder().setHeader(header).build());
  }
}
