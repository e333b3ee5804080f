package io.quorate.cli.soak;

import io.quorate.embedded.check.SeenTxn;
import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What one thread's transactions did and saw. Owned by that thread until it has ended. */
final class TxnRecord {
  private final AtomicLong ids;
  private final List<SeenTxn> seen = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Long> counts = new TreeMap<>();

  /**
   * Nothing is seen yet.
   *
   * @param ids gives each transaction a number of its own
   */
  TxnRecord(AtomicLong ids) {
    this.ids = ids;
  }

  List<SeenTxn> seen() {
    return seen;
  }

  List<String> violations() {
    return violations;
  }

  Map<String, Long> counts() {
    return counts;
  }

  void count(String what) {
    counts.merge("txn_" + what, 1L, Long::sum);
  }

  void violated(String what) {
    violations.add(what);
  }

  void ended(List<Step> steps, Outcome outcome, long began) {
    long ended = outcome == Outcome.UNKNOWN ? SeenTxn.NEVER : System.nanoTime();
    // What was read by who was not committed proves nothing.
    List<Step> kept = outcome == Outcome.COMMITTED
        ? steps
        : steps.stream().filter(Append.class::isInstance).toList();
    if (!kept.isEmpty()) {
      seen.add(new SeenTxn(ids.incrementAndGet(), kept, outcome, began, ended));
    }
  }
}
