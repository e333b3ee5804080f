package io.quorate.client.recipe;

import io.quorate.client.ClientClosedException;
import io.quorate.client.QuorateClient;
import io.quorate.client.RefusedException;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks; if what it sees does not do, waits for a change and looks again, until its result is there or nobody wants it any more.
 * One look or one watch at a time. Any thread.
 */
final class Vigil<T> {
  /**
   * What a look saw that does not do: a change in the range after the revision may.
   *
   * @param deletesOnly whether only a deletion may
   */
  record Awaited(KeyRange range, long after, boolean deletesOnly) {}

  /** What a look saw: the result, or what is to change first. */
  record Seen<T>(Optional<T> result, Optional<Awaited> awaited) {
    static <T> Seen<T> enough(T result) {
      return new Seen<>(Optional.of(result), Optional.empty());
    }

    static <T> Seen<T> waitFor(Awaited awaited) {
      return new Seen<>(Optional.empty(), Optional.of(awaited));
    }

    /** What was seen changed meanwhile. */
    static <T> Seen<T> again() {
      return new Seen<>(Optional.empty(), Optional.empty());
    }
  }

  private final QuorateClient client;
  private final Supplier<CompletableFuture<Seen<T>>> look;
  private final CompletableFuture<T> result;
  private final Consumer<T> discard;
  private volatile @Nullable Waiting waiting;

  /**
   * A vigil, to be begun.
   *
   * @param result completed by what is seen; once it is complete, by whomever, the vigil ends
   * @param discard takes what was seen when nobody wanted it any more
   */
  Vigil(
      QuorateClient client,
      Supplier<CompletableFuture<Seen<T>>> look,
      CompletableFuture<T> result,
      Consumer<T> discard) {
    this.client = client;
    this.look = look;
    this.result = result;
    this.discard = discard;
  }

  void begin() {
    var unused = result.whenComplete((done, failure) -> {
      Waiting current = waiting;
      if (current != null) {
        current.leave();
      }
    });
    look();
  }

  private void look() {
    if (result.isDone()) {
      return;
    }
    var unused = Repeat.untilAnswered(look, () -> !result.isDone())
        .whenComplete((seen, failure) -> {
          if (failure != null) {
            result.completeExceptionally(Repeat.cause(failure));
          } else if (seen.result().isPresent()) {
            T found = seen.result().get();
            if (!result.complete(found)) {
              discard.accept(found);
            }
          } else if (seen.awaited().isPresent()) {
            new Waiting().begin(seen.awaited().get());
          } else {
            look();
          }
        });
  }

  /** One watch. */
  private final class Waiting implements WatchListener {
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<Watch> opened = new CompletableFuture<>();

    void begin(Awaited awaited) {
      waiting = this;
      WatchOptions from = WatchOptions.DEFAULT.from(awaited.after() + 1);
      opened.complete(
          client.watch(awaited.range(), awaited.deletesOnly() ? from.withoutPuts() : from, this));
      if (result.isDone()) {
        leave();
      }
    }

    void leave() {
      var unused = finish();
    }

    /** Whether it was not over yet. */
    boolean finish() {
      if (!over.compareAndSet(false, true)) {
        return false;
      }
      var unused = opened.thenAccept(Watch::close);
      return true;
    }

    @Override
    public void onUpdate(WatchUpdate update) {
      if (!update.isProgress() && finish()) {
        look();
      }
    }

    @Override
    public void onEnd(Throwable why) {
      if (!finish()) {
        return;
      }
      boolean hopeless = why instanceof ClientClosedException
          || (why instanceof RefusedException refused && refused.code() != RefusalCode.COMPACTED);
      if (hopeless) {
        result.completeExceptionally(why);
        return;
      }
      // What the watch would have told is seen by looking again.
      Repeat.pause(Repeat.PAUSE_MILLIS).execute(Vigil.this::look);
    }
  }
}
