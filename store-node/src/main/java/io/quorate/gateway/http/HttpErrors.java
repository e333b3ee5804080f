package io.quorate.gateway.http;

import com.google.gson.JsonObject;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;

/** How a gRPC status is told over HTTP (grpc-gateway runtime/errors.go, and its error body as etcd configures it). Stateless. */
final class HttpErrors {
  private static final int CLIENT_CLOSED_REQUEST = 499;

  private HttpErrors() {}

  static HttpResponseStatus status(Status status) {
    return switch (status.getCode()) {
      case OK -> HttpResponseStatus.OK;
      case CANCELLED -> HttpResponseStatus.valueOf(CLIENT_CLOSED_REQUEST, "Client Closed Request");
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> HttpResponseStatus.BAD_REQUEST;
      case DEADLINE_EXCEEDED -> HttpResponseStatus.GATEWAY_TIMEOUT;
      case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED -> HttpResponseStatus.CONFLICT;
      case PERMISSION_DENIED -> HttpResponseStatus.FORBIDDEN;
      case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
      case RESOURCE_EXHAUSTED -> HttpResponseStatus.TOO_MANY_REQUESTS;
      case UNIMPLEMENTED -> HttpResponseStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case UNKNOWN, INTERNAL, DATA_LOSS -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
    };
  }

  /** The body of a call that failed. */
  static JsonObject body(Status status) {
    JsonObject body = new JsonObject();
    body.addProperty("error", text(status));
    body.addProperty("code", status.getCode().value());
    body.addProperty("message", text(status));
    return body;
  }

  /** The last line of a stream that failed. */
  static JsonObject line(Status status) {
    HttpResponseStatus http = status(status);
    JsonObject error = new JsonObject();
    error.addProperty("grpc_code", status.getCode().value());
    error.addProperty("http_code", http.code());
    error.addProperty("message", text(status));
    error.addProperty("http_status", http.reasonPhrase());
    JsonObject line = new JsonObject();
    line.add("error", error);
    return line;
  }

  private static String text(Status status) {
    return status.getDescription() == null ? status.getCode().name() : status.getDescription();
  }
}
