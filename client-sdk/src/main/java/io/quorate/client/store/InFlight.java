package io.quorate.client.store;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests that have left, by number. Numbers are given so that each has a slot of its own, and
 * never twice. Confined to the connection's loop.
 */
final class InFlight {
  private final @Nullable StoreCall[] slots;
  private final int mask;
  private long lastId;
  private int size;

  /** Room for at least so many. */
  InFlight(int capacity) {
    int length = Integer.highestOneBit(Math.max(2, capacity - 1)) * 2;
    this.slots = new StoreCall[length];
    this.mask = length - 1;
  }

  int size() {
    return size;
  }

  /** Numbers a request and keeps it; there must be room. */
  long add(StoreCall call) {
    if (size == slots.length) {
      throw new IllegalStateException("more than " + size + " requests in flight");
    }
    do {
      lastId++;
    } while (slots[(int) lastId & mask] != null);
    slots[(int) lastId & mask] = call;
    call.requestId = lastId;
    size++;
    return lastId;
  }

  /** Forgets and returns the request of that number; null if it is not in flight. */
  @Nullable
  StoreCall remove(long id) {
    StoreCall call = slots[(int) id & mask];
    if (call == null || call.requestId != id) {
      return null;
    }
    slots[(int) id & mask] = null;
    size--;
    return call;
  }

  /** Shows every request; it may be removed meanwhile. */
  void forEach(Consumer<StoreCall> action) {
    for (StoreCall call : slots) {
      if (call != null) {
        action.accept(call);
      }
    }
  }
}
