package io.quorate.cli.soak;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** How long clients went without an acknowledged put. Pure. */
final class Silence {
  private Silence() {}

  /** The longest time between two acknowledgements in any one region, that began or ended in the span. */
  static Duration longest(List<Op> ops, LoadKeys keys, long from, long to) {
    long longest = 0;
    for (int region = 0; region < keys.regions(); region++) {
      int wanted = region;
      long[] acks = ops.stream()
          .filter(op -> op.isAcked() && keys.region(op.key()) == wanted)
          .mapToLong(Op::ended)
          .sorted()
          .toArray();
      int first = Math.max(1, insertionPoint(acks, from));
      long before = acks.length == 0 ? from : acks[first - 1];
      for (int at = first; at < acks.length && before < to; at++) {
        longest = Math.max(longest, acks[at] - before);
        before = acks[at];
      }
      longest = Math.max(longest, to - before);
    }
    return Duration.ofNanos(longest);
  }

  private static int insertionPoint(long[] sorted, long value) {
    int at = Arrays.binarySearch(sorted, value);
    return at >= 0 ? at : -at - 1;
  }
}
