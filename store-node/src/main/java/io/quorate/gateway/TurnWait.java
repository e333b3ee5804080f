package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call that waits for its turn: it watches the key just before its own, so that a key that goes wakes one waiter and not all
 * (etcd client/v3/concurrency/key.go). Owned by its call. Thread: the SDK's callback threads; fields under this object's lock.
 */
final class TurnWait {
  private final QuorateClient client;
  private final Function<WaitingLine.Place, CompletableFuture<RangeResult>> lastBefore;
  private final WaitingLine.Place place;
  private final Context call;
  private final CompletableFuture<Void> turn = new CompletableFuture<>();
  private final Context.CancellationListener onCancel = this::cancelled;
  private @Nullable Watch watch;

  TurnWait(
      QuorateClient client,
      Function<WaitingLine.Place, CompletableFuture<RangeResult>> lastBefore,
      WaitingLine.Place place,
      Context call) {
    this.client = client;
    this.lastBefore = lastBefore;
    this.place = place;
    this.call = call;
  }

  CompletableFuture<Void> begin() {
    call.addListener(onCancel, Runnable::run);
    look();
    return turn;
  }

  private void look() {
    var unused = lastBefore.apply(place).whenComplete((found, failure) -> {
      if (failure != null) {
        fail(failure);
      } else if (found.kvs().isEmpty()) {
        finish();
      } else {
        await(found.kvs().get(0), found.revision());
      }
    });
  }

  private void await(KeyValue before, long revision) {
    synchronized (this) {
      if (turn.isDone()) {
        return;
      }
      watch = client.watch(
          KeyRange.single(before.key()),
          WatchOptions.DEFAULT.from(revision + 1).withoutPuts(),
          new Gone());
    }
  }

  /** Hears when the key before is deleted. */
  private final class Gone implements WatchListener {
    @Override
    public void onUpdate(WatchUpdate update) {
      if (!update.isProgress()) {
        unwatch();
        look();
      }
    }

    @Override
    public void onEnd(Throwable why) {
      if (why instanceof RefusedException refused && refused.code() == RefusalCode.COMPACTED) {
        look();
      } else {
        fail(why);
      }
    }
  }

  private synchronized void unwatch() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private void cancelled(Context ended) {
    Code code = ended.cancellationCause() instanceof TimeoutException
        ? Code.DEADLINE_EXCEEDED
        : Code.CANCELLED;
    fail(Status.fromCode(code).withDescription("the caller waits no longer").asRuntimeException());
  }

  private void finish() {
    call.removeListener(onCancel);
    turn.complete(null);
  }

  private void fail(Throwable why) {
    call.removeListener(onCancel);
    // First, so that no watch is begun after the one that is ended here.
    turn.completeExceptionally(why);
    unwatch();
  }
}
