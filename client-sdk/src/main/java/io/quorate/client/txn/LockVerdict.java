package io.quorate.client.txn;

import io.quorate.client.txn.PrimaryState.Committed;
import io.quorate.client.txn.PrimaryState.Live;
import io.quorate.client.txn.PrimaryState.RolledBack;

/** What is to be done about a lock in the way, by what its primary says. Pure. */
enum LockVerdict {
  /** Carry out what was decided, then go on. */
  RESOLVE,
  /** Go on as if it were not there: whatever becomes of it comes after. */
  PASS,
  /** Give its owner time. */
  WAIT,
  /** Nothing of its owner is there: not yet, or not any more, and then the lock is gone, too. Look at the lock again, by and by. */
  LOOK_AGAIN;

  /** In whose way it stands. */
  enum Asker {
    /** Who reads the newest version of a key, and asked the primary after that had begun. */
    GET,
    /** Who reads at a revision, above which the primary was asked to commit. */
    READ_AT,
    /** Who writes, or locks. */
    WRITE
  }

  /**
   * The rule.
   *
   * @param revision read at; heeded for {@code READ_AT} only
   */
  static LockVerdict of(PrimaryState state, Asker asker, long revision) {
    if (state instanceof Committed committed) {
      return asker == Asker.READ_AT && committed.revision() > revision ? PASS : RESOLVE;
    }
    if (state instanceof RolledBack) {
      return RESOLVE;
    }
    if (asker == Asker.GET) {
      return PASS;
    }
    if (!(state instanceof Live live)) {
      return LOOK_AGAIN;
    }
    return asker == Asker.READ_AT && live.minCommit() > revision ? PASS : WAIT;
  }
}
