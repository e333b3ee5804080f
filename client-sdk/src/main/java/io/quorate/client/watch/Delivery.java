package io.quorate.client.watch;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Hands one watch's updates to its listener, one at a time, as many as were asked for. Owned by the watch; updates come from its
 * loop, and leave on the callback threads.
 */
final class Delivery {
  private record Item(WatchUpdate update, long bytes) {}

  private final Executor callbacks;
  private final WatchListener listener;
  private final Runnable onRoom;
  private final AtomicInteger wakes = new AtomicInteger();

  // Guarded by this.
  private final ArrayDeque<Item> queue = new ArrayDeque<>();
  private long bytes;
  private long demand;
  private boolean ended;
  private boolean told;
  private @Nullable Throwable why;

  private volatile long delivered;

  /**
   * @param demand updates asked for at first
   * @param onRoom told after each update that was taken
   */
  Delivery(Executor callbacks, WatchListener listener, long demand, Runnable onRoom) {
    this.callbacks = callbacks;
    this.listener = listener;
    this.demand = demand;
    this.onRoom = onRoom;
  }

  /** Bytes that wait for the listener. */
  synchronized long bytes() {
    return bytes;
  }

  /** What was handed over is complete up to here. */
  long delivered() {
    return delivered;
  }

  void begin(long revision) {
    delivered = revision;
  }

  synchronized void add(WatchUpdate update, long size) {
    if (!ended) {
      Item last = queue.peekLast();
      if (update.isProgress() && last != null && last.update().isProgress()) {
        queue.removeLast();
      }
      queue.add(new Item(update, size));
      bytes += size;
      wake();
    }
  }

  synchronized void request(long updates) {
    demand = demand + updates < 0 ? Long.MAX_VALUE : demand + updates;
    wake();
  }

  /**
   * Nothing follows.
   *
   * @param reason told to the listener after what waits; null: what waits is dropped, and nothing is told
   */
  synchronized void end(@Nullable Throwable reason) {
    if (!ended) {
      ended = true;
      why = reason;
      told = reason == null;
    }
    if (reason == null) {
      told = true;
      queue.clear();
      bytes = 0;
    }
    wake();
  }

  private void wake() {
    if (wakes.getAndIncrement() == 0) {
      try {
        callbacks.execute(this::deliver);
      } catch (RejectedExecutionException e) {
        // The client was closed, and its callback threads with it.
        queue.clear();
      }
    }
  }

  private void deliver() {
    int seen;
    do {
      seen = wakes.get();
      while (handOne()) {
        onRoom.run();
      }
      Throwable reason = lastWord();
      if (reason != null) {
        listener.onEnd(reason);
      }
    } while (wakes.addAndGet(-seen) != 0);
  }

  private synchronized @Nullable Throwable lastWord() {
    if (ended && !told && queue.isEmpty()) {
      told = true;
      return why;
    }
    return null;
  }

  private boolean handOne() {
    Item item;
    synchronized (this) {
      if (demand == 0 || queue.isEmpty()) {
        return false;
      }
      item = queue.remove();
      bytes -= item.bytes();
      demand -= demand == Long.MAX_VALUE ? 0 : 1;
    }
    try {
      listener.onUpdate(item.update());
    } catch (RuntimeException e) {
      // A listener that throws has not taken the update: going on would lose it.
      synchronized (this) {
        queue.clear();
        bytes = 0;
        why = e;
        told = false;
        ended = true;
      }
      return true;
    }
    delivered = Math.max(delivered, item.update().revision());
    return true;
  }

  /** Why it ended by itself, because the listener threw; null if it did not. */
  synchronized @Nullable Throwable failure() {
    return ended ? why : null;
  }
}
