package io.quorate.client;

import io.quorate.client.placement.OracleClient;
import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.RefusalCode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Reads a range page by page in key order, all pages at one revision, over as many regions as it
 * takes; holds one page at a time. Used by one thread at a time: the next page may be asked for when
 * the one before it has come.
 */
public final class PageReader {
  private final RegionClient regions;
  private final OracleClient oracle;
  private final Function<
          CompletableFuture<Optional<RangeResult>>, CompletableFuture<Optional<RangeResult>>>
      publish;
  private final RangeOptions options;
  private final int pageKeys;
  private final Bytes end;
  private Bytes next;
  private long revision;
  private long left;
  private boolean done;

  PageReader(
      RegionClient regions,
      OracleClient oracle,
      Function<CompletableFuture<Optional<RangeResult>>, CompletableFuture<Optional<RangeResult>>>
          publish,
      KeyRange range,
      RangeOptions options,
      int pageKeys) {
    if (!options.inKeyOrder() || options.countOnly()) {
      throw new IllegalArgumentException("pages come in key order and carry keys");
    }
    this.regions = regions;
    this.oracle = oracle;
    this.publish = publish;
    this.options = options;
    this.pageKeys = pageKeys;
    this.next = range.start();
    this.end = range.end();
    this.revision = options.revision();
    this.left = options.limit() == 0 ? Long.MAX_VALUE : options.limit();
    this.done = range.isEmpty();
  }

  /**
   * The next page, never empty; nothing after the last one.
   *
   * @return fails with {@link QuorateException}; then the same page may be asked for again
   */
  public CompletableFuture<Optional<RangeResult>> next() {
    return publish.apply(nextDirect());
  }

  /** As {@link #next}, but the future may complete on an I/O thread. */
  CompletableFuture<Optional<RangeResult>> nextDirect() {
    long deadlineNanos = regions.deadlineNanos(options.timeout());
    if (done) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    if (revision > 0) {
      return page(deadlineNanos);
    }
    return regions.bounded(oracle.current(), deadlineNanos).thenCompose(state -> {
      revision = state.revision();
      return page(deadlineNanos);
    });
  }

  private CompletableFuture<Optional<RangeResult>> page(long deadlineNanos) {
    KeyRange rest = KeyRange.of(next, end);
    return regions
        .plan(KeyRange.single(next), deadlineNanos)
        .thenCompose(pieces -> read(part(pieces, rest), deadlineNanos))
        .thenCompose(page -> page.isPresent() || done
            ? CompletableFuture.completedFuture(page)
            : page(deadlineNanos))
        .exceptionallyCompose(failure -> isOtherwiseCut(failure, deadlineNanos)
            ? page(deadlineNanos)
            : CompletableFuture.failedFuture(failure));
  }

  private static boolean isOtherwiseCut(Throwable failure, long deadlineNanos) {
    return QuorateClient.unwrap(failure) instanceof RefusedException refused
        && refused.code() == RefusalCode.SPANS_REGIONS
        && deadlineNanos - System.nanoTime() > 0;
  }

  private static KeyRange part(List<Piece> pieces, KeyRange rest) {
    Piece first = pieces.get(0);
    return first.route() == null
        ? first.range()
        : first.route().region().range().intersect(rest);
  }

  private CompletableFuture<Optional<RangeResult>> read(KeyRange part, long deadlineNanos) {
    RangeOptions how = options.at(revision).withLimit(Math.min(left, pageKeys)).withoutCount();
    return regions
        .execute(
            new RegionOperation.RangePart(
                part, how.request(Wire.range(part)).build(), /* heedsLocks= */ true),
            deadlineNanos,
            /* direct= */ true)
        .thenApply(page -> advance(part, page));
  }

  private Optional<RangeResult> advance(KeyRange part, RangeResult page) {
    left -= page.kvs().size();
    if (page.more() && !page.kvs().isEmpty()) {
      next = page.kvs().get(page.kvs().size() - 1).key().next();
    } else if (part.end().isEmpty() || part.end().equals(end)) {
      done = true;
    } else {
      next = part.end();
    }
    done |= left == 0;
    return page.kvs().isEmpty()
        ? Optional.empty()
        : Optional.of(new RangeResult(revision, page.kvs(), !done, 0));
  }

  /** The revision of all pages; 0 before the first one. */
  public long revision() {
    return revision;
  }
}
