package io.quorate.client;

import io.quorate.client.placement.OracleClient;
import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.RefusalCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Reads one range over all regions it touches, at one revision. Made for one request; its steps run
 * one after another on I/O threads, except that parts are read side by side.
 */
/*
 * One region: the region takes the revision itself. Several: the revision is the oracle's current
 * one, asked after the request came, and every part is read at it. In key order with a limit the
 * regions are walked until the limit is reached, and the rest is only counted and asked whether
 * anything is left; otherwise all are read at once, and sorted and cut here. Should a region turn out
 * to be cut differently, the whole is planned again. A revision that was taken here is newer than all
 * that was compacted before the request came: whether it has been compacted since does not matter, as
 * long as nothing is removed; and if something is, a newer one is taken.
 */
final class RangeScan {
  private final RegionClient regions;
  private final OracleClient oracle;
  private final KeyRange range;
  private final RangeOptions options;
  private final long deadlineNanos;
  private final int parallelism;
  private final boolean heedsLocks;

  /**
   * A scan.
   *
   * @param heedsLocks whether locks are gone past or waited for; else the read is refused for them
   */
  RangeScan(
      RegionClient regions,
      OracleClient oracle,
      KeyRange range,
      RangeOptions options,
      long deadlineNanos,
      int parallelism,
      boolean heedsLocks) {
    this.regions = regions;
    this.oracle = oracle;
    this.range = range;
    this.options = options;
    this.deadlineNanos = deadlineNanos;
    this.parallelism = parallelism;
    this.heedsLocks = heedsLocks;
  }

  /** Fails with {@link QuorateException}, possibly inside a {@code CompletionException}. */
  CompletableFuture<RangeResult> run() {
    return regions
        .plan(range, deadlineNanos)
        .thenCompose(this::read)
        .exceptionallyCompose(failure ->
            mayBePlannedAgain(failure) ? run() : CompletableFuture.failedFuture(failure));
  }

  private boolean mayBePlannedAgain(Throwable failure) {
    return QuorateClient.unwrap(failure) instanceof RefusedException refused
        && (refused.code() == RefusalCode.SPANS_REGIONS
            || (refused.code() == RefusalCode.COMPACTED && options.revision() == 0))
        && deadlineNanos - System.nanoTime() > 0;
  }

  private CompletableFuture<RangeResult> read(List<Piece> pieces) {
    if (pieces.size() == 1) {
      return fetch(pieces.get(0).range(), options);
    }
    // Parts that are merged by value must bring their values.
    boolean strip = options.keysOnly() && options.target() == SortTarget.VALUE;
    RangeOptions how = strip ? options.withValues() : options;
    CompletableFuture<RangeResult> result = how.revision() > 0
        ? readAt(pieces, how)
        : revision(pieces, how)
            .thenCompose(revision -> readAt(pieces, how.at(revision).withBelowCompacted()));
    return strip ? result.thenApply(RangeMerge::withoutValues) : result;
  }

  /** As of which all parts are read: now, or what some replica of each region knows all of. */
  private CompletableFuture<Long> revision(List<Piece> pieces, RangeOptions how) {
    // A range of no keys has no replica that could say.
    if (!how.stale() || pieces.isEmpty()) {
      return regions.bounded(oracle.current(), deadlineNanos).thenApply(state -> state.revision());
    }
    RangeOptions probe =
        RangeOptions.DEFAULT.withLimit(1).withKeysOnly().withoutCount().withStale();
    return each(pieces.size(), i -> page(pieces.get(i).range(), probe))
        .thenApply(
            parts -> parts.stream().mapToLong(RangeResult::revision).min().orElseThrow());
  }

  private CompletableFuture<RangeResult> readAt(List<Piece> pieces, RangeOptions at) {
    if (at.limit() > 0 && at.target() == SortTarget.KEY && !at.countOnly()) {
      List<Piece> walk = new ArrayList<>(pieces);
      if (at.order() == SortOrder.DESCENDING) {
        Collections.reverse(walk);
      }
      return walk(walk, 0, at, at.limit(), new ArrayList<>());
    }
    return each(pieces.size(), i -> fetch(pieces.get(i).range(), at))
        .thenApply(parts -> RangeMerge.merge(at.revision(), parts, at));
  }

  /** Reads region after region, in the order asked for, until the limit is reached. */
  private CompletableFuture<RangeResult> walk(
      List<Piece> pieces, int from, RangeOptions at, long left, List<RangeResult> parts) {
    if (from == pieces.size()) {
      return CompletableFuture.completedFuture(joined(parts, at));
    }
    if (left == 0) {
      RangeOptions probe = at.withLimit(1).withKeysOnly();
      return each(pieces.size() - from, i -> fetch(pieces.get(from + i).range(), probe))
          .thenApply(probes -> {
            for (RangeResult each : probes) {
              boolean any = !each.kvs().isEmpty();
              parts.add(new RangeResult(each.revision(), List.of(), any, each.count()));
            }
            return joined(parts, at);
          });
    }
    return fetch(pieces.get(from).range(), at.withLimit(left)).thenCompose(part -> {
      parts.add(part);
      return walk(pieces, from + 1, at, left - part.kvs().size(), parts);
    });
  }

  /** The parts come in the order of the walk: the merge wants them in key order. */
  private static RangeResult joined(List<RangeResult> parts, RangeOptions at) {
    List<RangeResult> inKeyOrder = new ArrayList<>(parts);
    if (at.order() == SortOrder.DESCENDING) {
      Collections.reverse(inKeyOrder);
    }
    return RangeMerge.merge(at.revision(), inKeyOrder, at);
  }

  /** One region's part, page after page if the store cuts it by size. */
  private CompletableFuture<RangeResult> fetch(KeyRange part, RangeOptions how) {
    return page(part, how)
        .thenCompose(first -> isCutBySize(first, how)
            ? rest(part, how, first, new ArrayList<>(first.kvs()))
            : CompletableFuture.completedFuture(first));
  }

  private CompletableFuture<RangeResult> rest(
      KeyRange part, RangeOptions how, RangeResult first, List<KeyValue> read) {
    Bytes next = read.get(read.size() - 1).key().next();
    RangeOptions pinned = how.revision() > 0 ? how : how.at(first.revision()).withBelowCompacted();
    RangeOptions onward =
        pinned.withLimit(how.limit() == 0 ? 0 : how.limit() - read.size()).withoutCount();
    return page(KeyRange.of(next, part.end()), onward).thenCompose(page -> {
      read.addAll(page.kvs());
      if (isCutBySize(page, onward)) {
        return rest(part, how, first, read);
      }
      return CompletableFuture.completedFuture(
          new RangeResult(first.revision(), read, page.more(), first.count()));
    });
  }

  private static boolean isCutBySize(RangeResult page, RangeOptions how) {
    return page.more()
        && how.inKeyOrder()
        && !page.kvs().isEmpty()
        && (how.limit() == 0 || page.kvs().size() < how.limit());
  }

  private CompletableFuture<RangeResult> page(KeyRange part, RangeOptions how) {
    RangeRequest request = how.request(Wire.range(part)).build();
    return regions.execute(
        new RegionOperation.RangePart(part, request, heedsLocks),
        deadlineNanos,
        /* direct= */ true);
  }

  /** Runs n steps, a bounded number at a time; results in the steps' order. */
  private CompletableFuture<List<RangeResult>> each(
      int n, IntFunction<CompletableFuture<RangeResult>> step) {
    RangeResult[] results = new RangeResult[n];
    CompletableFuture<List<RangeResult>> all = new CompletableFuture<>();
    if (n == 0) {
      all.complete(List.of());
      return all;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicInteger left = new AtomicInteger(n);
    Runnable lane = new Runnable() {
      @Override
      public void run() {
        int i = next.getAndIncrement();
        if (i >= n || all.isDone()) {
          return;
        }
        var unused = step.apply(i).whenComplete((result, failure) -> {
          if (failure != null) {
            all.completeExceptionally(failure);
            return;
          }
          results[i] = result;
          if (left.decrementAndGet() == 0) {
            all.complete(List.of(results));
          } else {
            run();
          }
        });
      }
    };
    for (int i = 0; i < Math.min(n, parallelism); i++) {
      lane.run();
    }
    return all;
  }
}
