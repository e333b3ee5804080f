package io.quorate.client.watch;

import io.quorate.model.KeyRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Makes one history of what the parts of a range tell: a part tells events in order, and now and then up to where it has told
 * all. What lies at or below the least of these is released, by revision. Pure: one thread, no clock.
 */
/*
 * A part that ends keeps what it has told completely, and forgets the rest: what takes its place starts right after. So nothing
 * is read twice, and nothing is missed, however often parts end, are cut or are joined.
 */
final class WatchMerge {
  /**
   * An event, and what it counts for.
   *
   * @param sub place in its revision, over all regions
   */
  record Entry(WatchEvent event, int sub, int bytes) {
    long revision() {
      return event.revision();
    }
  }

  private static final Comparator<Entry> IN_ORDER =
      Comparator.comparingLong(Entry::revision).thenComparingInt(Entry::sub);

  /** A piece of the range that is told from one place. */
  static final class Part {
    private final KeyRange range;
    private long frontier;
    private final ArrayDeque<Entry> pending = new ArrayDeque<>();
    private long pendingBytes;

    private Part(KeyRange range, long frontier) {
      this.range = range;
      this.frontier = frontier;
    }

    KeyRange range() {
      return range;
    }

    /** All of the piece up to here has been told. */
    long frontier() {
      return frontier;
    }

    /** Of what was told behind the frontier. */
    long pendingBytes() {
      return pendingBytes;
    }
  }

  private final boolean immediate;
  private final Map<Part, Part> parts = new LinkedHashMap<>();
  private final PriorityQueue<Entry> held = new PriorityQueue<>(IN_ORDER);
  private final List<Entry> ready = new ArrayList<>();
  private long heldBytes;
  private long pendingBytes;
  private long highestHeld;

  /**
   * Begins with one part.
   *
   * @param frontier what is at or below it is not wanted
   * @param immediate release what a part has told completely, whatever the others do
   */
  WatchMerge(KeyRange range, long frontier, boolean immediate) {
    this.immediate = immediate;
    add(new Part(range, frontier));
  }

  private Part add(Part part) {
    parts.put(part, part);
    return part;
  }

  Collection<Part> parts() {
    return parts.keySet();
  }

  /** Whether the part has not been replaced. */
  boolean has(Part part) {
    return parts.containsKey(part);
  }

  /** The part tells an event behind all it told; what it told completely before, it does not tell again. */
  void event(Part part, Entry entry) {
    Entry last = part.pending.peekLast();
    if (entry.revision() <= part.frontier
        || !part.range.contains(entry.event().key())
        || (last != null && IN_ORDER.compare(last, entry) >= 0)) {
      throw new IllegalArgumentException("revision " + entry.revision() + " of key "
          + entry.event().key() + " was told behind revision "
          + (last == null ? part.frontier : last.revision()) + " in " + part.range);
    }
    part.pending.add(entry);
    part.pendingBytes += entry.bytes();
    pendingBytes += entry.bytes();
  }

  /** The part has told all up to the revision. */
  void resolved(Part part, long revision) {
    if (revision <= part.frontier) {
      return;
    }
    part.frontier = revision;
    for (Entry first = part.pending.peek();
        first != null && first.revision() <= revision;
        first = part.pending.peek()) {
      part.pending.remove();
      part.pendingBytes -= first.bytes();
      pendingBytes -= first.bytes();
      if (immediate) {
        ready.add(first);
      } else {
        held.add(first);
        heldBytes += first.bytes();
        highestHeld = Math.max(highestHeld, first.revision());
      }
    }
  }

  /** The part is not listened to any more: what it told incompletely will be told again. */
  void interrupted(Part part) {
    pendingBytes -= part.pendingBytes;
    part.pendingBytes = 0;
    part.pending.clear();
  }

  /** Others tell of the part's piece from now on, from behind its frontier; together they cover it. */
  List<Part> replace(Part part, List<KeyRange> pieces) {
    interrupted(part);
    parts.remove(part);
    List<Part> fresh = new ArrayList<>(pieces.size());
    for (KeyRange piece : pieces) {
      fresh.add(add(new Part(piece, part.frontier)));
    }
    return fresh;
  }

  /** All parts have told all up to here. */
  long frontier() {
    long least = Long.MAX_VALUE;
    for (Part part : parts.keySet()) {
      least = Math.min(least, part.frontier);
    }
    return least;
  }

  /** Takes what can be told now, in order. */
  List<Entry> release() {
    List<Entry> released = new ArrayList<>(ready);
    ready.clear();
    long frontier = frontier();
    for (@Nullable Entry first = held.peek();
        first != null && first.revision() <= frontier;
        first = held.peek()) {
      released.add(first);
      held.remove();
      heldBytes -= first.bytes();
    }
    return released;
  }

  /** The greatest revision that waits for other parts; 0 if none does. */
  long waitsFor() {
    return held.isEmpty() ? 0 : highestHeld;
  }

  /** Bytes of events that were told and not released. */
  long bufferedBytes() {
    return heldBytes + pendingBytes;
  }
}
