package io.quorate.client.placement;

import java.util.ArrayList;
import java.util.List;

/** What one message to the oracle asks; confined to the placement client's loop. */
final class OracleBatch {
  /** The highest revision known when it was sent: answers must not be below. */
  final long known;

  final long sentNanos;
  final List<OracleWaiter> currents = new ArrayList<>();
  final List<OracleWaiter> nexts = new ArrayList<>();
  long currentId;
  long nextId;
  int nextCount;

  OracleBatch(long known, long sentNanos) {
    this.known = known;
    this.sentNanos = sentNanos;
  }

  boolean isDone() {
    return currents.isEmpty() && nexts.isEmpty();
  }
}
