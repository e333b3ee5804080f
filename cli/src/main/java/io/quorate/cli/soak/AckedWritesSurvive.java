package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every acknowledged put is there at the end, or a put of a greater revision took its place; and none between was lost:
 * the key's version counts them.
 */
final class AckedWritesSurvive implements Invariant {
  @Override
  public List<String> violations(History history) {
    Map<Integer, Op> newest = new HashMap<>();
    Map<Integer, Long> acked = new HashMap<>();
    for (Op put : history.puts()) {
      if (put.isAcked()) {
        newest.merge(put.key(), put, (a, b) -> a.revision() >= b.revision() ? a : b);
      }
    }
    for (Op op : history.ops()) {
      if (op.isAcked()) {
        acked.merge(op.key(), 1L, Long::sum);
      }
    }
    List<String> violations = new ArrayList<>();
    for (Op put : newest.values()) {
      Op last = history.last().get(put.key());
      if (violations.size() == TOLD_MAX) {
        break;
      }
      if (last == null) {
        violations.add("the last look at the key of " + put + " is missing");
      } else if (last.revision() < put.revision()) {
        violations.add("lost: " + put + ", the key holds " + last);
      } else if (last.revision() == put.revision() && last.value() != put.value()) {
        violations.add("another value at its revision: " + put + ", the key holds " + last);
      } else {
        Op before = history.before().get(put.key());
        long atLeast = (before == null ? 0 : before.version()) + acked.getOrDefault(put.key(), 0L);
        if (last.version() < atLeast) {
          violations.add(
              "lost in between: at least " + atLeast + " puts were done, the key holds " + last);
        }
      }
    }
    return violations;
  }
}
