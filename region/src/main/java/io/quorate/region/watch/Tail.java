package io.quorate.region.watch;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The newest batches of a region, kept while somebody catches up, so that what was applied while the last piece was read need not
 * be read again, for ever. Guarded by the hub's lock.
 */
final class Tail {
  private record Batch(long index, List<Event> events, long bytes) {}

  private final long maxBytes;
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private boolean kept;
  private long from;
  private long bytes;

  Tail(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean isKept() {
    return kept;
  }

  /** Keeps what comes after the index, if nothing is kept yet. */
  void keepFrom(long index) {
    if (!kept) {
      kept = true;
      from = index;
    }
  }

  void forget() {
    kept = false;
    batches.clear();
    bytes = 0;
  }

  void add(long index, List<Event> events) {
    long weight = 0;
    for (Event event : events) {
      weight += event.weight();
    }
    batches.add(new Batch(index, events, weight));
    bytes += weight;
    while (bytes > maxBytes && !batches.isEmpty()) {
      Batch oldest = batches.remove();
      bytes -= oldest.bytes();
      from = oldest.index();
    }
  }

  /** Whether everything applied after the index is here. */
  boolean covers(long index) {
    return kept && from <= index;
  }

  void after(long index, Consumer<Event> to) {
    for (Batch batch : batches) {
      if (batch.index() > index) {
        batch.events().forEach(to);
      }
    }
  }
}
