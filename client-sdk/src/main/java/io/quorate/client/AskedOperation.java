package io.quorate.client;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An operation put together of its parts.
 *
 * @param kind as metrics name it
 * @param key routes it
 * @param span all keys concerned; null if it is just the one
 * @param writes whether doing it twice is not doing it once
 * @param heedsLocks whether locks of others are waited for; else it is refused for them
 * @param sizeBytes about
 * @param body puts the body in
 * @param answer the kind of answer that belongs to it
 * @param reading reads the answer
 */
record AskedOperation<T>(
    OpKind kind,
    Bytes key,
    @Nullable KeyRange span,
    boolean writes,
    boolean heedsLocks,
    int sizeBytes,
    Consumer<Request.Builder> body,
    Response.BodyCase answer,
    Function<Response, T> reading)
    implements RegionOperation<T> {
  @Override
  public void fill(Request.Builder request) {
    body.accept(request);
  }

  /** A transaction written at once is a write like any other; what else is asked so is idempotent by its own rules. */
  @Override
  public boolean named() {
    return writes && kind == OpKind.PREWRITE;
  }

  @Override
  public T result(Response response) {
    return reading.apply(response);
  }
}
