package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;

/**
 * What a range read asks for, with etcd's meaning: filters, then order, then limit; the count ignores all three.
 *
 * @param range user keys
 * @param revision as of when; 0 is the newest
 * @param limit keys at most; 0 is no limit
 * @param target what to sort by
 * @param order which way; {@code NONE} is ascending for every target
 * @param keysOnly leave values empty
 * @param countOnly only count
 * @param minMod least mod revision, 0 for no filter; the next three alike
 * @param pageBytes a page ends once it holds so many bytes, only without sort; 0 leaves it to the reader's bounds
 * @param skipCount do not count the keys of the range
 */
public record RangeQuery(
    KeyRange range,
    long revision,
    long limit,
    Target target,
    Order order,
    boolean keysOnly,
    boolean countOnly,
    long minMod,
    long maxMod,
    long minCreate,
    long maxCreate,
    long pageBytes,
    boolean skipCount) {
  /** What to sort by. */
  public enum Target {
    KEY,
    VERSION,
    CREATE,
    MOD,
    VALUE
  }

  /** Which way to sort. */
  public enum Order {
    NONE,
    ASCEND,
    DESCEND
  }

  /** Everything in the range, newest, in key order. */
  public static RangeQuery of(KeyRange range) {
    return new RangeQuery(range, 0, 0, Target.KEY, Order.NONE, false, false, 0, 0, 0, 0, 0, false);
  }

  public static RangeQuery of(Bytes key) {
    return of(KeyRange.single(key));
  }

  public RangeQuery at(long asOf) {
    return new RangeQuery(
        range, asOf, limit, target, order, keysOnly, countOnly, minMod, maxMod, minCreate,
        maxCreate, pageBytes, skipCount);
  }

  public RangeQuery withLimit(long keys) {
    return new RangeQuery(
        range, revision, keys, target, order, keysOnly, countOnly, minMod, maxMod, minCreate,
        maxCreate, pageBytes, skipCount);
  }

  public RangeQuery sortedBy(Target by, Order way) {
    return new RangeQuery(
        range, revision, limit, by, way, keysOnly, countOnly, minMod, maxMod, minCreate, maxCreate,
        pageBytes, skipCount);
  }

  public RangeQuery withPageBytes(long bytes) {
    return new RangeQuery(
        range, revision, limit, target, order, keysOnly, countOnly, minMod, maxMod, minCreate,
        maxCreate, bytes, skipCount);
  }

  /** Whether the answer is in another order than the keys'. */
  public boolean isSorted() {
    return target != Target.KEY || order == Order.DESCEND;
  }

  /** Whether a key in the range may be left out because of its revisions. */
  public boolean isFiltered() {
    return minMod != 0 || maxMod != 0 || minCreate != 0 || maxCreate != 0;
  }

  /** Whether the filters let the version through. */
  public boolean accepts(Version version) {
    return (minMod == 0 || version.modRevision() >= minMod)
        && (maxMod == 0 || version.modRevision() <= maxMod)
        && (minCreate == 0 || version.createRevision() >= minCreate)
        && (maxCreate == 0 || version.createRevision() <= maxCreate);
  }
}
