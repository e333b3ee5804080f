package io.quorate.region.host;

import io.quorate.proto.Request;
import io.quorate.proto.Response;
import org.jspecify.annotations.Nullable;

/** One request sent to one replica, and what its sender learned, in virtual time. */
final class Attempt {
  final Request request;
  final long start;
  long end = Long.MAX_VALUE;

  @Nullable
  Response response;

  Attempt(Request request, long start) {
    this.request = request;
    this.start = start;
  }

  boolean isWrite() {
    return request.hasPut() || request.hasDeleteRange() || request.hasTxn();
  }

  /** Answered by the data, not by an error of the region. */
  boolean isDone() {
    Response answer = response;
    return answer != null && !answer.hasRegionError() && !answer.hasRefusal();
  }

  /** Promised to have no effect. */
  boolean isCertainlyNot() {
    Response answer = response;
    return answer != null
        && (answer.hasRefusal()
            || (answer.hasRegionError() && !answer.getRegionError().hasIndeterminate()));
  }

  Response answer() {
    Response answer = response;
    if (answer == null) {
      throw new IllegalStateException("not answered: " + request);
    }
    return answer;
  }

  @Override
  public String toString() {
    return "[" + start + ".." + end + "] " + request + " -> " + response;
  }
}
