package io.quorate.region.split;

import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a region is cut by its size. Pure. */
public final class SplitKeys {
  /** New regions made by one look at a region, at most. */
  private static final int MAX_CUTS = 16;

  private SplitKeys() {}

  /** The key that halves the data; empty where there are fewer than two keys. */
  public static Optional<Bytes> middle(SizeMarks size) {
    return nearest(size, size.bytes() / 2).map(SizeMarks.Mark::key);
  }

  private static Optional<SizeMarks.Mark> nearest(SizeMarks size, long bytes) {
    SizeMarks.Mark best = null;
    for (SizeMarks.Mark mark : size.marks()) {
      if (best == null || Math.abs(mark.bytes() - bytes) < Math.abs(best.bytes() - bytes)) {
        best = mark;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * The keys that cut a region into parts of about equal size and none too large; none if it is not too large itself. Parts
   * come out between half and whole of the limit, so that none is cut again soon, nor merged.
   */
  public static List<Bytes> bySize(SizeMarks size, SplitLimits limits) {
    long parts = Math.max(parts(size.bytes(), limits.bytes()), parts(size.keys(), limits.keys()));
    if (parts < 2) {
      return List.of();
    }
    long cuts = Math.min(MAX_CUTS, parts - 1);
    boolean byBytes = parts(size.bytes(), limits.bytes()) >= parts(size.keys(), limits.keys());
    List<Bytes> keys = new ArrayList<>();
    long cut = 1;
    for (SizeMarks.Mark mark : size.marks()) {
      long at = byBytes ? mark.bytes() : mark.keys();
      long whole = byBytes ? size.bytes() : size.keys();
      if (cut <= cuts && at >= ceilDiv(whole * cut, cuts + 1)) {
        keys.add(mark.key());
        while (cut <= cuts && at >= ceilDiv(whole * cut, cuts + 1)) {
          cut++;
        }
      }
    }
    return keys;
  }

  /** One while it fits the limit; beyond that, parts of about two thirds of it. */
  private static long parts(long has, long limit) {
    return has < limit ? 1 : Math.max(2, ceilDiv(3 * has, 2 * limit));
  }

  private static long ceilDiv(long what, long by) {
    return (what + by - 1) / by;
  }
}
