package io.quorate.client.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way from here to regions, given by the client that owns this package's objects. Any thread; never blocks. */
public interface LeaseCalls {
  /**
   * One request.
   *
   * @param key routes it
   * @param span all keys concerned; null if it is just the one
   * @param writes whether doing it twice is not doing it once
   * @param sizeBytes about
   * @param fill puts the body in
   * @param answer the kind of answer that belongs to it
   * @param result reads the answer
   */
  record Ask<T>(
      Bytes key,
      @Nullable KeyRange span,
      boolean writes,
      int sizeBytes,
      Consumer<Request.Builder> fill,
      Response.BodyCase answer,
      Function<Response, T> result) {}

  /** Sends it; the future may complete on an I/O thread, by the timeout at the latest. */
  <T> CompletableFuture<T> call(Ask<T> ask, Duration timeout);

  /** The parts of a range that lie in one region each, as far as is known now. */
  CompletableFuture<List<KeyRange>> parts(KeyRange range, Duration timeout);

  /** Any mark of the region that owns the key, as far as is known: equal for keys of one region. */
  Object regionOf(Bytes key);

  /** Of a request that names none. */
  Duration timeout();

  /** For short tasks. */
  ScheduledExecutorService timers();

  /** Runs what the user gave us. */
  Executor callbacks();
}
