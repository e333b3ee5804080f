package io.quorate.auth;

import io.grpc.Status;
import java.util.Optional;

/** What etcd answers where users and roles are concerned, word by word (etcd api/v3rpc/rpctypes/error.go). Immutable. */
public enum AuthError {
  ROOT_USER_NOT_EXIST(Status.FAILED_PRECONDITION, "root user does not exist"),
  ROOT_ROLE_NOT_EXIST(Status.FAILED_PRECONDITION, "root user does not have root role"),
  USER_ALREADY_EXISTS(Status.FAILED_PRECONDITION, "user name already exists"),
  USER_EMPTY(Status.INVALID_ARGUMENT, "user name is empty"),
  USER_NOT_FOUND(Status.FAILED_PRECONDITION, "user name not found"),
  ROLE_ALREADY_EXISTS(Status.FAILED_PRECONDITION, "role name already exists"),
  ROLE_NOT_FOUND(Status.FAILED_PRECONDITION, "role name not found"),
  ROLE_EMPTY(Status.INVALID_ARGUMENT, "role name is empty"),
  AUTH_FAILED(Status.INVALID_ARGUMENT, "authentication failed, invalid user ID or password"),
  PERMISSION_NOT_GIVEN(Status.INVALID_ARGUMENT, "permission not given"),
  PERMISSION_DENIED(Status.PERMISSION_DENIED, "permission denied"),
  ROLE_NOT_GRANTED(Status.FAILED_PRECONDITION, "role is not granted to the user"),
  PERMISSION_NOT_GRANTED(Status.FAILED_PRECONDITION, "permission is not granted to the role"),
  NOT_ENABLED(Status.FAILED_PRECONDITION, "authentication is not enabled"),
  INVALID_TOKEN(Status.UNAUTHENTICATED, "invalid auth token"),
  INVALID_MANAGEMENT(Status.INVALID_ARGUMENT, "invalid auth management"),
  TOO_MANY_REQUESTS(Status.RESOURCE_EXHAUSTED, "too many requests");

  private final Status status;

  AuthError(Status code, String text) {
    this.status = code.withDescription("etcdserver: " + text);
  }

  public Status status() {
    return status;
  }

  public String text() {
    return String.valueOf(status.getDescription());
  }

  /** The one with these words. */
  public static Optional<AuthError> of(String text) {
    for (AuthError error : values()) {
      if (error.text().equals(text)) {
        return Optional.of(error);
      }
    }
    return Optional.empty();
  }
}
