package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A read shows nothing older than what any client had learned of the key, by a put or a read, before the read began. */
final class ReadsNotStale implements Invariant {
  @Override
  public List<String> violations(History history) {
    List<Op> told = new ArrayList<>(history.reads());
    history.puts().stream().filter(Op::isAcked).forEach(told::add);
    Op[] byEnd = told.toArray(Op[]::new);
    Arrays.sort(byEnd, Comparator.comparingInt(Op::key).thenComparingLong(Op::ended));
    Op[] byBegin = history.reads().toArray(Op[]::new);
    Arrays.sort(byBegin, Comparator.comparingInt(Op::key).thenComparingLong(Op::began));

    List<String> violations = new ArrayList<>();
    int ended = 0;
    Op newest = Op.put(-1, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE);
    for (Op read : byBegin) {
      while (ended < byEnd.length
          && (byEnd[ended].key() < read.key()
              || (byEnd[ended].key() == read.key() && byEnd[ended].ended() < read.began()))) {
        Op next = byEnd[ended];
        newest = next.key() != newest.key() || next.revision() > newest.revision() ? next : newest;
        ended++;
      }
      if (newest.key() == read.key()
          && read.revision() < newest.revision()
          && violations.size() < TOLD_MAX) {
        violations.add(read + " began after this had ended: " + newest);
      }
    }
    return violations;
  }
}
