package io.quorate.client;

import io.quorate.client.retry.Failure;
import io.quorate.client.route.Route;
import io.quorate.client.store.Deliveries;
import io.quorate.client.store.StoreCall;
import io.quorate.model.Peer;
import io.quorate.model.RegionError;
import io.quorate.model.Wire;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One operation from the caller's thread to its result, over all attempts. Owned at any time by one
 * thread: the caller until it is submitted, then a loop; {@link RegionClient} passes it on.
 */
final class RegionCall<T> extends StoreCall implements Runnable {
  /** Bytes around the body: ids, epoch, deadline. */
  private static final int HEAD_BYTES = 48;

  private final RegionClient client;
  private final CompletableFuture<T> future = new CompletableFuture<>();
  private final long startNanos;
  private final long deadlineNanos;
  private final long sequence;
  private final boolean direct;
  private final boolean named;

  private RegionOperation<T> operation;
  private @Nullable LockWait locks;
  private @Nullable Route route;
  private @Nullable Peer peer;
  private int failures;
  /** What was heard of before the first attempt whose outcome is not known. */
  private long newestKnown;

  private boolean doubtful;
  private @Nullable T value;
  private @Nullable QuorateException error;

  /**
   * Makes a call.
   *
   * @param sequence names a write; 0 for a read
   * @param named the region is to know the write again if it is repeated
   * @param direct the future is waited for by a blocked thread or heard by this client's own code,
   *     so the I/O thread may complete it
   */
  RegionCall(
      RegionClient client,
      RegionOperation<T> operation,
      long startNanos,
      long deadlineNanos,
      long sequence,
      boolean named,
      boolean direct) {
    this.client = client;
    this.operation = operation;
    this.startNanos = startNanos;
    this.deadlineNanos = deadlineNanos;
    this.sequence = sequence;
    this.named = named;
    this.direct = direct;
  }

  RegionOperation<T> operation() {
    return operation;
  }

  CompletableFuture<T> future() {
    return future;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /** Whether an attempt may have been done, or may be done yet. */
  boolean doubtful() {
    return doubtful;
  }

  /** Whether it may be asked for again though it may have been done. */
  boolean repeatable() {
    return named || !operation.writes();
  }

  /** An attempt of a write ended, and it is not known how. */
  void doubt() {
    doubtful = true;
  }

  int failures() {
    return failures;
  }

  int countFailure() {
    return ++failures;
  }

  @Nullable
  Route route() {
    return route;
  }

  @Nullable
  Peer peer() {
    return peer;
  }

  void goTo(Route to, Peer asked, long attemptDeadlineNanos) {
    route = to;
    peer = asked;
    setAttemptDeadlineNanos(attemptDeadlineNanos);
  }

  /** Notes that locks stand in the way. */
  LockWait meetLocks(long revision) {
    if (revision > 0) {
      operation = operation.at(revision);
    }
    LockWait met = locks == null ? new LockWait(operation.lockWait()) : locks;
    locks = met;
    return met;
  }

  void fail(QuorateException why, Deliveries deliveries) {
    error = why;
    finish(deliveries);
  }

  @Override
  public void run() {
    QuorateException failed = error;
    if (failed != null) {
      future.completeExceptionally(failed);
    } else {
      // Only a void result could be null, and there is none.
      @SuppressWarnings("NullAway")
      boolean unused = future.complete(value);
    }
  }

  @Override
  protected Request.Builder request(long nowNanos) {
    Route to = route;
    Peer asked = peer;
    if (to == null || asked == null) {
      throw new IllegalStateException("a request without a route");
    }
    Request.Builder request = Request.newBuilder()
        .setRegionId(to.region().id().value())
        .setEpoch(to.wireEpoch())
        .setReplicaId(asked.replica())
        .setTimeoutMs((int) Math.min(
            Integer.MAX_VALUE,
            Math.max(1, TimeUnit.NANOSECONDS.toMillis(attemptDeadlineNanos() - nowNanos))))
        .setSequence(sequence);
    if (named) {
      if (!doubtful) {
        newestKnown = client.newestRevision();
      }
      request.setNewestKnown(newestKnown).setRepeated(doubtful);
    }
    LockWait met = locks;
    if (met != null) {
      request.addAllPastTxns(met.passed());
    }
    operation.fill(request);
    return request;
  }

  @Override
  protected int sizeBytes() {
    return operation.sizeBytes() + HEAD_BYTES;
  }

  @Override
  protected void answered(Response response, Deliveries deliveries) {
    Response.BodyCase body = response.getBodyCase();
    client.heardOf(response.getRevision());
    if (body == operation.answer()) {
      client.succeeded(this);
      value = operation.result(response);
      finish(deliveries);
    } else if (body == Response.BodyCase.REFUSAL
        && response.getRefusal().getCode() == RefusalCode.LOCKED
        // An earlier attempt may still come: only the same write may be sent again.
        && (operation.heedsLocks() || doubtful)) {
      client.locked(this, response);
    } else if (body == Response.BodyCase.REFUSAL) {
      fail(RefusedException.of(response.getRefusal()), deliveries);
    } else if (body == Response.BodyCase.REGION_ERROR) {
      client.failed(this, new Failure.Answered(Wire.error(response.getRegionError())), deliveries);
    } else {
      client.failed(
          this,
          new Failure.Answered(new RegionError.Indeterminate(
              "the store answered " + operation.kind() + " with " + body)),
          deliveries);
    }
  }

  @Override
  protected void failed(Failure failure, Deliveries deliveries) {
    client.failed(this, failure, deliveries);
  }

  private void finish(Deliveries deliveries) {
    client.finished(operation.kind(), startNanos, error);
    if (direct) {
      run();
    } else {
      deliveries.add(this);
    }
  }
}
