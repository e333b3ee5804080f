package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A put that began after any client had learned of a revision, on whatever key, has a greater one; no snapshot that began
 * after a put was acknowledged is older than that put; and what the oracle itself says keeps to the same order.
 */
final class RevisionsInRealTimeOrder implements Invariant {
  @Override
  public List<String> violations(History history) {
    List<Op> told = new ArrayList<>();
    history.puts().stream().filter(Op::isAcked).forEach(told::add);
    history.reads().stream().filter(read -> read.learned() > 0).forEach(told::add);
    history.ops().stream().filter(Op::isAsk).forEach(told::add);
    Op[] byEnd = told.toArray(Op[]::new);
    Arrays.sort(byEnd, Comparator.comparingLong(Op::ended));

    List<Op> judged = new ArrayList<>();
    history.puts().stream().filter(put -> history.revisionOf(put) > 0).forEach(judged::add);
    history.reads().stream().filter(read -> read.snapshot() > 0).forEach(judged::add);
    history.ops().stream().filter(Op::isAsk).forEach(judged::add);
    Op[] byBegin = judged.toArray(Op[]::new);
    Arrays.sort(byBegin, Comparator.comparingLong(Op::began));

    List<String> violations = new ArrayList<>();
    int ended = 0;
    Op greatest = Op.put(0, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE);
    for (Op op : byBegin) {
      while (ended < byEnd.length && byEnd[ended].ended() < op.began()) {
        greatest = byEnd[ended].learned() > greatest.learned() ? byEnd[ended] : greatest;
        ended++;
      }
      boolean inOrder = op.snapshot() > 0
          ? op.snapshot() >= greatest.learned()
          : revision(history, op) > greatest.learned();
      if (!inOrder && violations.size() < TOLD_MAX) {
        violations.add(op + (op.isPut() ? " (revision " + revision(history, op) + ")" : "")
            + " began after this had ended: " + greatest);
      }
    }
    return violations;
  }

  private static long revision(History history, Op op) {
    return op.isPut() ? history.revisionOf(op) : op.revision();
  }
}
