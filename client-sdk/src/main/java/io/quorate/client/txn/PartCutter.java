package io.quorate.client.txn;

import io.quorate.client.route.Route;
import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a transaction writes and reads by the regions that own it, as far as they are known. Made for one cut; its steps
 * run one after another.
 */
final class PartCutter {
  /** What one region gets. */
  private static final class Share {
    final KeyRange region;
    final List<KeyWrite> writes = new ArrayList<>();
    final List<KeyRange> reads = new ArrayList<>();

    Share(KeyRange region) {
      this.region = region;
    }
  }

  private final CommitRequests requests;
  private final int partBytes;
  private final long deadlineNanos;
  private final Deque<KeyWrite> writes;
  private final Deque<KeyRange> reads;
  private final NavigableMap<Bytes, Share> shares = new TreeMap<>();

  PartCutter(
      CommitRequests requests,
      int partBytes,
      List<KeyWrite> writes,
      List<KeyRange> reads,
      long deadlineNanos) {
    this.requests = requests;
    this.partBytes = partBytes;
    this.writes = new ArrayDeque<>(writes);
    this.reads = new ArrayDeque<>(reads);
    this.deadlineNanos = deadlineNanos;
  }

  /** The parts, in key order of their regions; fails if a region cannot be found before the deadline. */
  CompletableFuture<List<Part>> cut() {
    while (!writes.isEmpty() || !reads.isEmpty()) {
      KeyRange next =
          writes.isEmpty() ? reads.element() : KeyRange.single(writes.element().key());
      Share known = writes.isEmpty() ? null : find(next.start());
      if (known != null) {
        known.writes.add(writes.remove());
        continue;
      }
      CompletableFuture<List<Piece>> pieces = requests.pieces(next, deadlineNanos);
      if (!pieces.isDone()) {
        return pieces.thenCompose(found -> {
          take(found);
          return cut();
        });
      }
      if (pieces.isCompletedExceptionally()) {
        return pieces.thenApply(never -> List.of());
      }
      take(pieces.join());
    }
    return CompletableFuture.completedFuture(parts());
  }

  private @Nullable Share find(Bytes key) {
    var below = shares.floorEntry(key);
    return below != null && below.getValue().region.contains(key) ? below.getValue() : null;
  }

  private void take(List<Piece> pieces) {
    KeyRange asked = writes.isEmpty() ? reads.remove() : null;
    for (Piece piece : pieces) {
      Route route = piece.route();
      KeyRange region = route == null ? piece.range() : route.region().range();
      Share share = shares.computeIfAbsent(region.start(), start -> new Share(region));
      if (asked != null) {
        share.reads.add(piece.range());
      }
    }
    KeyWrite write = asked == null ? writes.remove() : null;
    if (write != null) {
      Share share = find(write.key());
      if (share == null) {
        // The table changed between two looks at it.
        share = new Share(KeyRange.single(write.key()));
        shares.put(write.key(), share);
      }
      share.writes.add(write);
    }
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (Share share : shares.values()) {
      List<KeyWrite> chunk = new ArrayList<>();
      List<KeyRange> ranges = new ArrayList<>();
      int bytes = 0;
      for (KeyRange read : share.reads) {
        int weight = 16 + read.start().length() + read.end().length();
        if (bytes + weight > partBytes && bytes > 0) {
          parts.add(Part.of(List.of(), ranges));
          ranges.clear();
          bytes = 0;
        }
        ranges.add(read);
        bytes += weight;
      }
      for (KeyWrite write : share.writes) {
        if (bytes + write.weight() > partBytes && bytes > 0) {
          parts.add(Part.of(chunk, ranges));
          chunk.clear();
          ranges.clear();
          bytes = 0;
        }
        chunk.add(write);
        bytes += write.weight();
      }
      if (bytes > 0) {
        parts.add(Part.of(chunk, ranges));
      }
    }
    return parts;
  }
}
