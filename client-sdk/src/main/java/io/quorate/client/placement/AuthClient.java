package io.quorate.client.placement;

import io.quorate.auth.AuthImage;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AdministerResponse;
import io.quorate.proto.AuthPlacementGrpc;
import io.quorate.proto.LogInRequest;
import io.quorate.proto.LogInResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.ShowRulesRequest;
import io.quorate.proto.ShowRulesResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Users and roles, as the placement driver keeps them. Any thread; failures carry etcd's texts. */
public final class AuthClient {
  private final AdminClient.Asker asker;
  private final SecureRandom random = new SecureRandom();

  AuthClient(AdminClient.Asker asker) {
    this.asker = asker;
  }

  /**
   * What a user proves himself by.
   *
   * @param ttl how long it is good
   */
  public record Token(String text, Duration ttl) {}

  /** A token; fails with etcd's text as {@code INVALID} if the password is wrong, or authentication is not enabled. */
  public CompletableFuture<Token> logIn(String name, String password) {
    return asker
        .ask(
            AuthPlacementGrpc.getLogInMethod(),
            envelope -> LogInRequest.newBuilder()
                .setEnvelope(envelope)
                .setName(name)
                .setPassword(password)
                .build(),
            LogInResponse::getError)
        .thenApply(answer -> {
          if (!answer.getRefusal().isEmpty()) {
            throw new PlacementException(PlacementError.Code.INVALID, answer.getRefusal());
          }
          return new Token(answer.getToken(), Duration.ofSeconds(answer.getTtlSeconds()));
        });
  }

  /**
   * Asks or changes something; fails with etcd's text as {@code INVALID} if that is refused. A repeat by this client is known as
   * one.
   *
   * @param call with one call of etcd's Auth service
   */
  public CompletableFuture<AdministerResponse> administer(AdministerRequest call) {
    long nonce = random.nextLong() | 1;
    return asker
        .ask(
            AuthPlacementGrpc.getAdministerMethod(),
            envelope -> call.toBuilder().setEnvelope(envelope).setNonce(nonce).build(),
            AdministerResponse::getError)
        .thenApply(answer -> {
          if (!answer.getRefusal().isEmpty()) {
            throw new PlacementException(PlacementError.Code.INVALID, answer.getRefusal());
          }
          return answer;
        });
  }

  /** All of it but the passwords; for processes of the cluster. */
  public CompletableFuture<AuthImage> rules() {
    return asker
        .ask(
            AuthPlacementGrpc.getShowRulesMethod(),
            envelope -> ShowRulesRequest.newBuilder().setEnvelope(envelope).build(),
            ShowRulesResponse::getError)
        .thenApply(answer -> AuthImage.of(answer.getRules()));
  }
}
