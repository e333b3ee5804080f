package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A put of unknown outcome has one revision, if any; and no key has more versions than puts that could have made them. */
final class UnknownAtMostOnce implements Invariant {
  @Override
  public List<String> violations(History history) {
    List<String> violations = new ArrayList<>();
    Map<Integer, Long> most = new HashMap<>();
    for (Op op : history.ops()) {
      if (op.isPut() && op.outcome() != Op.Outcome.REFUSED) {
        most.merge(op.key(), 1L, Long::sum);
      }
    }
    for (Op read : history.reads()) {
      if (violations.size() == TOLD_MAX) {
        break;
      }
      long revision = history.put(read.value()).map(history::revisionOf).orElse(read.revision());
      if (read.revision() > 0 && revision != read.revision()) {
        violations.add(
            "done twice, at revisions " + revision + " and " + read.revision() + ": " + read);
      }
      Op before = history.before().get(read.key());
      long atMost = (before == null ? 0 : before.version()) + most.getOrDefault(read.key(), 0L);
      if (read.version() > atMost) {
        violations.add(
            "at most " + atMost + " puts were done, but the version is greater: " + read);
      }
    }
    return violations;
  }
}
