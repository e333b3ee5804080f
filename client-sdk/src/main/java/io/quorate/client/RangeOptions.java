package io.quorate.client;

import io.quorate.proto.KeyRange;
import io.quorate.proto.RangeRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a range is read. Start from {@link #DEFAULT} and change what is needed.
 *
 * @param limit most keys to return, after sort and filters; 0: all
 * @param revision whose state to read; 0: the newest
 * @param target what to sort by
 * @param order in which direction
 * @param keysOnly without values
 * @param countOnly without keys
 * @param count whether to count all keys of the range
 * @param filter by revisions; the count does not heed it
 * @param timeout for the whole request; absent: the client's
 * @param belowCompacted whether to read at the revision although it is compacted, as long as nothing is removed: for owners of
 *     barriers
 * @param stale whether any replica may answer, by what it knows: a state of the past, a second or two old at most while leaders are
 *     heard of, the same over all regions; its revision is told
 */
public record RangeOptions(
    long limit,
    long revision,
    SortTarget target,
    SortOrder order,
    boolean keysOnly,
    boolean countOnly,
    boolean count,
    RevisionFilter filter,
    Optional<Duration> timeout,
    boolean belowCompacted,
    boolean stale) {
  /** Everything, newest, in key order, counted. */
  public static final RangeOptions DEFAULT = new RangeOptions(
      0,
      0,
      SortTarget.KEY,
      SortOrder.ASCENDING,
      false,
      false,
      true,
      RevisionFilter.NONE,
      Optional.empty(),
      false,
      false);

  public RangeOptions {
    if (limit < 0 || revision < 0) {
      throw new IllegalArgumentException("limit and revision must be 0 or more");
    }
  }

  public RangeOptions withLimit(long keys) {
    return with(draft -> draft.limit = keys);
  }

  public RangeOptions at(long atRevision) {
    return with(draft -> draft.revision = atRevision);
  }

  public RangeOptions sortedBy(SortTarget by, SortOrder direction) {
    return with(draft -> {
      draft.target = by;
      draft.order = direction;
    });
  }

  public RangeOptions withKeysOnly() {
    return with(draft -> draft.keysOnly = true);
  }

  public RangeOptions withValues() {
    return with(draft -> draft.keysOnly = false);
  }

  public RangeOptions withCountOnly() {
    return with(draft -> {
      draft.countOnly = true;
      draft.count = true;
    });
  }

  /** Spares the stores the counting: the result's count is 0. */
  public RangeOptions withoutCount() {
    return with(draft -> draft.count = false);
  }

  public RangeOptions filtered(RevisionFilter by) {
    return with(draft -> draft.filter = by);
  }

  public RangeOptions withTimeout(Duration whole) {
    return with(draft -> draft.timeout = Optional.of(whole));
  }

  /** Reads below the compacted revision, too, as long as nothing is removed there: for owners of barriers. */
  public RangeOptions withBelowCompacted() {
    return with(draft -> draft.belowCompacted = true);
  }

  /** Any replica may answer: reads scale with replicas, and need no leader where the revision is old enough. */
  public RangeOptions withStale() {
    return with(draft -> draft.stale = true);
  }

  /** Only who leads a region answers for it: what was acknowledged is seen. */
  public RangeOptions withoutStale() {
    return with(draft -> draft.stale = false);
  }

  boolean inKeyOrder() {
    return target == SortTarget.KEY && order == SortOrder.ASCENDING;
  }

  /** The order asked for; ties in key order. */
  public Comparator<KeyValue> comparator() {
    Comparator<KeyValue> by = target.ascending();
    return (order == SortOrder.ASCENDING ? by : by.reversed()).thenComparing(KeyValue::key);
  }

  /** The request for a part of the range. */
  RangeRequest.Builder request(KeyRange range) {
    RangeRequest.Builder request = RangeRequest.newBuilder()
        .setRange(range)
        .setLimit(limit)
        .setRevision(revision)
        .setKeysOnly(keysOnly)
        .setCountOnly(countOnly)
        .setSkipCount(!count)
        .setBelowCompacted(belowCompacted)
        .setSerializable(stale)
        .setMinModRevision(filter.minMod())
        .setMaxModRevision(filter.maxMod())
        .setMinCreateRevision(filter.minCreate())
        .setMaxCreateRevision(filter.maxCreate());
    if (!inKeyOrder()) {
      request.setSortTarget(target.message());
      request.setSortOrder(order.message());
    }
    return request;
  }

  private RangeOptions with(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private long limit = RangeOptions.this.limit;
    private long revision = RangeOptions.this.revision;
    private SortTarget target = RangeOptions.this.target;
    private SortOrder order = RangeOptions.this.order;
    private boolean keysOnly = RangeOptions.this.keysOnly;
    private boolean countOnly = RangeOptions.this.countOnly;
    private boolean count = RangeOptions.this.count;
    private RevisionFilter filter = RangeOptions.this.filter;
    private Optional<Duration> timeout = RangeOptions.this.timeout;
    private boolean belowCompacted = RangeOptions.this.belowCompacted;
    private boolean stale = RangeOptions.this.stale;

    RangeOptions finish() {
      return new RangeOptions(
          limit,
          revision,
          target,
          order,
          keysOnly,
          countOnly,
          count,
          filter,
          timeout,
          belowCompacted,
          stale);
    }
  }
}
