package io.quorate.gateway;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quorate.auth.AuthError;
import io.quorate.client.ClientClosedException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.RefusedException;
import io.quorate.client.UnavailableException;
import io.quorate.client.placement.PlacementException;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RefusalCode;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * What went wrong in the words of etcd, which its clients compare letter by letter (etcd api/v3rpc/rpctypes/error.go). Stateless.
 */
final class EtcdErrors {
  static final Status KEY_NOT_PROVIDED = invalid("etcdserver: key is not provided");
  static final Status KEY_NOT_FOUND = invalid("etcdserver: key not found");
  static final Status REQUEST_TOO_LARGE = invalid("etcdserver: request is too large");
  static final Status COMPACTED =
      Status.OUT_OF_RANGE.withDescription("etcdserver: mvcc: required revision has been compacted");
  static final Status FUTURE_REVISION = Status.OUT_OF_RANGE.withDescription(
      "etcdserver: mvcc: required revision is a future revision");
  static final Status INVALID_SORT_OPTION = invalid("etcdserver: invalid sort option");
  static final Status MEMBER_NOT_FOUND =
      Status.NOT_FOUND.withDescription("etcdserver: member not found");
  static final Status NOT_LEADER =
      Status.FAILED_PRECONDITION.withDescription("etcdserver: not leader");

  /** Whether anything was done is not known: etcd's clients do not repeat a write on this text. */
  private static final Status TIMEOUT =
      Status.UNAVAILABLE.withDescription("etcdserver: request timed out");

  static final Status STOPPED = Status.UNAVAILABLE.withDescription("etcdserver: server stopped");

  private EtcdErrors() {}

  private static Status invalid(String text) {
    return Status.INVALID_ARGUMENT.withDescription(text);
  }

  /** What a caller is told of a failure of the SDK, whatever it is wrapped in. */
  static StatusRuntimeException of(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof StatusRuntimeException known) {
      return known;
    }
    return status(cause).asRuntimeException();
  }

  /** The words alone, for answers that carry them inside. */
  static String text(Throwable failure) {
    return String.valueOf(of(failure).getStatus().getDescription());
  }

  private static Status status(Throwable cause) {
    Optional<AuthError> ofUsers = AuthError.of(String.valueOf(cause.getMessage()));
    if (ofUsers.isPresent()) {
      return ofUsers.get().status();
    }
    if (cause instanceof PlacementException refused
        && refused.code() == PlacementError.Code.INVALID
        && String.valueOf(refused.getMessage()).startsWith("quorate: ")) {
      return Status.FAILED_PRECONDITION.withDescription(refused.getMessage());
    }
    if (cause instanceof RefusedException refused) {
      return refusal(refused.code(), String.valueOf(refused.getMessage()));
    }
    if (cause instanceof ClientClosedException) {
      return STOPPED;
    }
    if (cause instanceof OutcomeUnknownException
        || cause instanceof UnavailableException
        || cause instanceof PlacementException) {
      return TIMEOUT.withCause(cause);
    }
    return Status.INTERNAL.withDescription("quorate: " + cause).withCause(cause);
  }

  private static Status refusal(RefusalCode code, String message) {
    return switch (code) {
      case COMPACTED, FUTURE_REVISION, LEASE_TTL_TOO_LARGE ->
        Status.OUT_OF_RANGE.withDescription(message);
      case LEASE_EXISTS -> Status.FAILED_PRECONDITION.withDescription(message);
      case LEASE_NOT_FOUND -> Status.NOT_FOUND.withDescription(message);
      case PERMISSION_DENIED -> Status.PERMISSION_DENIED.withDescription(message);
      // The SDK refuses some before a region sees them, in words of its own.
      case KEY_NOT_PROVIDED -> KEY_NOT_PROVIDED;
      case REQUEST_TOO_LARGE -> REQUEST_TOO_LARGE;
      case SPANS_REGIONS -> Status.UNIMPLEMENTED.withDescription("quorate: " + message);
      default -> Status.INVALID_ARGUMENT.withDescription(message);
    };
  }
}
