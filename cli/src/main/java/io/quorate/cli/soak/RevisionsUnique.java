package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** No revision belongs to two writes, be it by acknowledgement or as reads show it, or was given away besides. */
final class RevisionsUnique implements Invariant {
  @Override
  public List<String> violations(History history) {
    List<Op> all = new ArrayList<>();
    history.puts().stream().filter(Op::isAcked).forEach(all::add);
    history.reads().stream().filter(read -> read.revision() > 0).forEach(all::add);
    history.ops().stream().filter(op -> op.kind() == Op.Kind.NEXT).forEach(all::add);
    Op[] byRevision = all.toArray(Op[]::new);
    Arrays.sort(byRevision, Comparator.comparingLong(Op::revision));
    List<String> violations = new ArrayList<>();
    for (int at = 1; at < byRevision.length && violations.size() < TOLD_MAX; at++) {
      Op one = byRevision[at - 1];
      Op other = byRevision[at];
      if (one.revision() == other.revision()
          && (one.key() != other.key() || one.value() != other.value())) {
        violations.add("one revision, two writes: " + one + " and " + other);
      }
    }
    return violations;
  }
}
