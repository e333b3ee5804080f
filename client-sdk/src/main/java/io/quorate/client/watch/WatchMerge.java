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
 *
 * In the immediate mode parts do not wait for each other, but for those that were cut from the same part as they after it had begun to
 * tell: what was one order stays one.
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

  /** Parts that wait for each other: what they tell is released in one order. */
  private static final class Strand {
    private final List<Part> parts = new ArrayList<>();
    private final PriorityQueue<Entry> held = new PriorityQueue<>(IN_ORDER);
    private long highestHeld;
    private boolean begun;

    private long frontier() {
      long least = Long.MAX_VALUE;
      for (Part part : parts) {
        least = Math.min(least, part.frontier);
      }
      return least;
    }
  }

  /** A piece of the range that is told from one place. */
  static final class Part {
    private final KeyRange range;
    private final Strand strand;
    private long frontier;
    private final ArrayDeque<Entry> pending = new ArrayDeque<>();
    private long pendingBytes;

    private Part(KeyRange range, Strand strand, long frontier) {
      this.range = range;
      this.strand = strand;
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
  private final List<Strand> strands = new ArrayList<>();
  private long heldBytes;
  private long pendingBytes;

  /**
   * Begins with one part.
   *
   * @param frontier what is at or below it is not wanted
   * @param immediate release what a piece that the watch begins with has told completely, whatever the others do
   */
  WatchMerge(KeyRange range, long frontier, boolean immediate) {
    this.immediate = immediate;
    add(range, strand(), frontier);
  }

  private Strand strand() {
    Strand made = new Strand();
    strands.add(made);
    return made;
  }

  private Part add(KeyRange range, Strand strand, long frontier) {
    Part part = new Part(range, strand, frontier);
    parts.put(part, part);
    strand.parts.add(part);
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
    Strand strand = part.strand;
    strand.begun = true;
    for (Entry first = part.pending.peek();
        first != null && first.revision() <= revision;
        first = part.pending.peek()) {
      part.pending.remove();
      part.pendingBytes -= first.bytes();
      pendingBytes -= first.bytes();
      strand.held.add(first);
      heldBytes += first.bytes();
      strand.highestHeld = Math.max(strand.highestHeld, first.revision());
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
    Strand strand = part.strand;
    strand.parts.remove(part);
    boolean apart = immediate && !strand.begun;
    if (apart && strand.parts.isEmpty()) {
      strands.remove(strand);
    }
    List<Part> fresh = new ArrayList<>(pieces.size());
    for (KeyRange piece : pieces) {
      fresh.add(add(piece, apart ? strand() : strand, part.frontier));
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

  /** Takes what can be told now, in order; in the immediate mode that of each strand. */
  List<Entry> release() {
    List<Entry> released = new ArrayList<>();
    for (Strand strand : strands) {
      long frontier = strand.frontier();
      for (@Nullable Entry first = strand.held.peek();
          first != null && first.revision() <= frontier;
          first = strand.held.peek()) {
        released.add(first);
        strand.held.remove();
        heldBytes -= first.bytes();
      }
    }
    return released;
  }

  /** The greatest revision of what was told and waits for this part, or for others of its strand; 0 if nothing does. */
  long waitsFor(Part part) {
    return part.strand.held.isEmpty() ? 0 : part.strand.highestHeld;
  }

  /** Bytes of events that were told and not released. */
  long bufferedBytes() {
    return heldBytes + pendingBytes;
  }
}
