package io.quorate.placement.node;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.AuthChange;
import io.quorate.auth.AuthError;
import io.quorate.auth.AuthImage;
import io.quorate.auth.AuthLease;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.auth.Role;
import io.quorate.auth.User;
import io.quorate.placement.cluster.ChangeAuth;
import io.quorate.placement.registry.Envelopes;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.AdministerResponse;
import io.quorate.proto.AuthPlacementGrpc;
import io.quorate.proto.Envelope;
import io.quorate.proto.LogInRequest;
import io.quorate.proto.LogInResponse;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.PlacementError;
import io.quorate.proto.ShowRulesRequest;
import io.quorate.proto.ShowRulesResponse;
import io.quorate.proto.etcd.auth.Permission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Users and roles as asked for and changed through PD's leader. Owned by the node. Thread: gRPC's, the log's and the password
 * host's; never blocks.
 */
final class AuthService extends AuthPlacementGrpc.AuthPlacementImplBase {
  /** How long a user's token is good; etcd's default of --auth-token-ttl. */
  private static final Duration TOKEN_TTL = Duration.ofMinutes(5);

  private static final String NEEDS_KEY =
      "quorate: start every placement driver and store with --cluster-key FILE before authentication is enabled";
  private static final Permission EVERYTHING = Permission.newBuilder()
      .setPermType(Permission.Type.READWRITE)
      .setRangeEnd(ByteString.copyFrom(new byte[1]))
      .build();

  private final PlacementGroup group;
  private final @Nullable ClusterKey key;
  private final PasswordHost passwords;

  /**
   * @param key absent: authentication cannot be enabled
   */
  AuthService(PlacementGroup group, Optional<ClusterKey> key, PasswordHost passwords) {
    this.group = group;
    this.key = key.orElse(null);
    this.passwords = passwords;
  }

  private static <T> void answer(StreamObserver<T> out, T response) {
    out.onNext(response);
    out.onCompleted();
  }

  /** Hands on users and roles as a leader has them that was confirmed after the question came. */
  private void confirmed(
      Envelope envelope, Consumer<PlacementError> refuse, Consumer<AuthImage> found) {
    Optional<PlacementError> foreign = Envelopes.refusal(envelope, group.image());
    if (foreign.isPresent()) {
      refuse.accept(foreign.get());
      return;
    }
    group
        .oracle()
        .ask(
            response -> {
              if (response.hasError()) {
                refuse.accept(response.getError());
              } else {
                found.accept(group.image().auth());
              }
            },
            List.of(OracleAsk.newBuilder().setAskId(1).build()));
  }

  @Override
  public void showRules(ShowRulesRequest request, StreamObserver<ShowRulesResponse> out) {
    confirmed(
        request.getEnvelope(),
        error -> answer(out, ShowRulesResponse.newBuilder().setError(error).build()),
        image -> answer(
            out,
            ShowRulesResponse.newBuilder()
                .setRules(image.message(/* hashes= */ false))
                .build()));
  }

  // ------------------------------------------------------------------ logging in

  @Override
  public void logIn(LogInRequest request, StreamObserver<LogInResponse> out) {
    confirmed(
        request.getEnvelope(),
        error -> answer(out, LogInResponse.newBuilder().setError(error).build()),
        image -> logIn(image, request, out));
  }

  private void logIn(AuthImage image, LogInRequest request, StreamObserver<LogInResponse> out) {
    ClusterKey signing = key;
    if (!image.enabled() || signing == null) {
      answer(out, refusedLogIn(AuthError.NOT_ENABLED.text()));
      return;
    }
    User user = image.users().get(request.getName());
    if (user == null || user.noPassword() || user.passwordHash().isEmpty()) {
      answer(out, refusedLogIn(AuthError.AUTH_FAILED.text()));
      return;
    }
    var unused = passwords
        .matches(request.getPassword(), user.passwordHash())
        .whenComplete((right, failure) -> {
          if (failure != null) {
            answer(out, refusedLogIn(AuthError.TOO_MANY_REQUESTS.text()));
          } else if (right) {
            // As of the image that the password was looked up in: one changed since voids it.
            Principal who = Principal.user(user.name(), image.revision());
            answer(
                out,
                LogInResponse.newBuilder()
                    .setToken(signing.sign(who, Callers.now() + TOKEN_TTL.toSeconds()))
                    .setTtlSeconds((int) TOKEN_TTL.toSeconds())
                    .build());
          } else {
            answer(out, refusedLogIn(AuthError.AUTH_FAILED.text()));
          }
        });
  }

  private static LogInResponse refusedLogIn(String why) {
    return LogInResponse.newBuilder().setRefusal(why).build();
  }

  // ------------------------------------------------------------------ administering

  @Override
  public void administer(AdministerRequest request, StreamObserver<AdministerResponse> out) {
    Principal caller = Callers.current();
    Principal who = caller.isSystem() ? vouchedFor(request) : caller;
    confirmed(
        request.getEnvelope(),
        error -> answer(out, AdministerResponse.newBuilder().setError(error).build()),
        image -> administer(image, who, request, out));
  }

  /** A gateway asks for its users, not for itself. */
  private static Principal vouchedFor(AdministerRequest request) {
    return request.getAsUser().isEmpty()
        ? Principal.ANONYMOUS
        : Principal.certified(request.getAsUser());
  }

  private void administer(
      AuthImage image,
      Principal who,
      AdministerRequest request,
      StreamObserver<AdministerResponse> out) {
    Optional<AuthError> refusal = refusal(image, who, request);
    if (refusal.isPresent()) {
      answer(out, refused(refusal.get().text()));
    } else if (!AuthChange.isChange(request)) {
      answer(out, told(image, request));
    } else if (request.hasEnable() && key == null) {
      answer(out, refused(NEEDS_KEY));
    } else {
      var unused = withHash(request).whenComplete((change, failure) -> {
        if (failure != null) {
          answer(out, refused(AuthError.TOO_MANY_REQUESTS.text()));
        } else if (change == null) {
          answer(out, refused("quorate: a password has at most 72 bytes"));
        } else {
          change(image, change, out);
        }
      });
    }
  }

  private static Optional<AuthError> refusal(
      AuthImage image, Principal who, AdministerRequest request) {
    Judge judge = new Judge(image);
    return switch (request.getCallCase()) {
      case STATUS -> Optional.empty();
      case USER_GET ->
        request.getUserGet().getName().equals(who.name())
            ? judge.refusal(who)
            : judge.refusalToAdminister(who);
      case ROLE_GET -> {
        User user = image.users().get(who.name());
        yield user != null && user.roles().contains(request.getRoleGet().getRole())
            ? judge.refusal(who)
            : judge.refusalToAdminister(who);
      }
      default -> judge.refusalToAdminister(who);
    };
  }

  private static AdministerResponse refused(String why) {
    return AdministerResponse.newBuilder().setRefusal(why).build();
  }

  private static AdministerResponse told(AuthImage image, AdministerRequest request) {
    AdministerResponse.Builder response = AdministerResponse.newBuilder()
        .setEnabled(image.enabled())
        .setAuthRevision(image.revision());
    switch (request.getCallCase()) {
      case USER_GET -> {
        User user = image.users().get(request.getUserGet().getName());
        if (user == null) {
          return refused(AuthError.USER_NOT_FOUND.text());
        }
        response.addAllNames(user.roles());
      }
      case USER_LIST -> response.addAllNames(image.users().keySet());
      case ROLE_GET -> {
        Role role = image.roles().get(request.getRoleGet().getRole());
        if (role == null) {
          return refused(AuthError.ROLE_NOT_FOUND.text());
        }
        if (role.name().equals(User.ROOT)) {
          response.addPermissions(EVERYTHING);
        } else {
          response.addAllPermissions(role.permissions());
        }
      }
      case ROLE_LIST -> response.addAllNames(image.roles().keySet());
      default -> {
        // Of the status that is all.
      }
    }
    return response.build();
  }

  /** The change as the log shall have it: with hashes, and with nothing that is not part of it. Null if a password is too long. */
  private CompletableFuture<@Nullable AdministerRequest> withHash(AdministerRequest request) {
    AdministerRequest.Builder change = request.toBuilder().clearEnvelope().clearAsUser();
    if (request.hasUserAdd()) {
      String password = request.getUserAdd().getPassword();
      change.getUserAddBuilder().clearPassword().clearHashedPassword();
      return hashed(
          request.getUserAdd().getOptions().getNoPassword()
              ? Optional.empty()
              : Optional.of(password),
          hash -> change.getUserAddBuilder().setHashedPassword(hash),
          change);
    }
    if (request.hasChangePassword()) {
      String password = request.getChangePassword().getPassword();
      change.getChangePasswordBuilder().clearPassword().clearHashedPassword();
      return hashed(
          Optional.of(password),
          hash -> change.getChangePasswordBuilder().setHashedPassword(hash),
          change);
    }
    return CompletableFuture.completedFuture(change.build());
  }

  private CompletableFuture<@Nullable AdministerRequest> hashed(
      Optional<String> password, Consumer<String> set, AdministerRequest.Builder change) {
    if (password.isEmpty()) {
      return CompletableFuture.completedFuture(change.build());
    }
    if (PasswordHost.isTooLong(password.get())) {
      return CompletableFuture.completedFuture(null);
    }
    return passwords.hash(password.get()).thenApply(hash -> {
      set.accept(hash);
      return change.build();
    });
  }

  private void change(
      AuthImage before, AdministerRequest change, StreamObserver<AdministerResponse> out) {
    Consumer<PlacementError> refuse = error -> answer(
        out,
        error.getCode() == PlacementError.Code.INVALID
            ? refused(error.getMessage())
            : AdministerResponse.newBuilder().setError(error).build());
    group.propose(new ChangeAuth(change), refuse, ruling -> {
      AuthImage now = group.image().auth();
      AdministerResponse done = AdministerResponse.newBuilder()
          .setEnabled(now.enabled())
          .setAuthRevision(now.revision())
          .build();
      if (before.enabled() || now.enabled()) {
        // Until then some process may still judge by what was before.
        var unused = passwords
            .timer()
            .schedule(
                () -> answer(out, done), AuthLease.ACK_AFTER.toMillis(), TimeUnit.MILLISECONDS);
      } else {
        answer(out, done);
      }
    });
  }
}
