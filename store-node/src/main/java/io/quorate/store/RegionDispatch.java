package io.quorate.store;

import io.quorate.proto.Envelope;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.util.function.Consumer;

/** Where a stream's requests go: to their regions. Production: the store's engine; tests: a simulated one. */
interface RegionDispatch {
  /**
   * Never blocks and never throws.
   *
   * @param sink gets the answer, with the request's id, exactly once, on any thread
   */
  void handle(Envelope envelope, Request request, Consumer<Response> sink);
}
