package io.quorate.region.transaction;

import java.util.ArrayList;
import java.util.List;

/**
 * Marks of transactions that were rolled back: they refuse what comes of them late. Bounded: where there are too many, the oldest
 * makes place, and with it everything that started as early is refused. Stateless.
 */
final class Marks {
  /** In one region; part of rule version 1. */
  static final int MAX = 20_000;

  private Marks() {}

  static List<LockChange> add(LockView locks, TxnRecord mark) {
    List<LockChange> changes = new ArrayList<>(3);
    TxnRecord oldest = locks.marks() >= MAX ? locks.oldestMark() : null;
    if (mark.start() <= locks.minStart()) {
      return changes;
    }
    if (oldest != null && oldest.start() >= mark.start()) {
      changes.add(new LockChange.MinStart(mark.start()));
      return changes;
    }
    if (oldest != null) {
      changes.add(new LockChange.Decision(oldest.key(), oldest.txn(), null));
      changes.add(new LockChange.MinStart(oldest.start()));
    }
    changes.add(new LockChange.Decision(mark.key(), mark.txn(), mark));
    return changes;
  }
}
