package io.quorate.client.txn;

import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import java.util.List;

/** What a {@link Coordinator} wants done. */
public sealed interface CommitStep {
  /** Lock all of a part in its region. May be repeated. */
  record Prewrite(Part part) implements CommitStep {}

  /** See whether the owners of these locks are still there, without waiting for them. */
  record Resolve(int part, List<ForeignLock> locks) implements CommitStep {}

  /**
   * Give the younger owners of locks in the way time to give way.
   *
   * @param locks at least one
   * @param before pauses before this one
   */
  record Pause(int part, List<ForeignLock> locks, int before) implements CommitStep {
    public Pause {
      locks = List.copyOf(locks);
    }
  }

  /** Take a new number from the oracle. */
  record Stamp() implements CommitStep {}

  /** Commit the part with the primary key: this decides. May be repeated with the same revision. */
  record CommitPrimary(Part part, long revision) implements CommitStep {}

  /** Commit another part, the primary being committed. May be repeated. */
  record Commit(Part part, long revision) implements CommitStep {}

  /** Take the locks of a part away, and keep them from coming late. May be repeated. */
  record RollBack(Part part) implements CommitStep {}

  /** Tell the primary that the transaction lives. */
  record Beat() implements CommitStep {}

  /** Every part is resolved: the primary may forget the decision. */
  record Forget() implements CommitStep {}

  /** Tell the caller; comes exactly once. */
  record Decide(Verdict verdict) implements CommitStep {}

  /** How a transaction ended. */
  sealed interface Verdict {}

  /** Done, at the revision. */
  record Done(long revision) implements Verdict {}

  /**
   * Certainly not done, because of others: may be tried again from its start.
   *
   * @param inTheWay locks of transactions that live; wait for them first
   * @param contended a key that others have just written; empty if it is not that
   */
  record Conflict(String why, List<ForeignLock> inTheWay, Bytes contended) implements Verdict {
    public Conflict {
      inTheWay = List.copyOf(inTheWay);
    }

    /** Of no key that is known. */
    Conflict(String why, List<ForeignLock> inTheWay) {
      this(why, inTheWay, Bytes.EMPTY);
    }
  }

  /** Certainly not done, and never will be. */
  record Refusal(RefusalCode code, String message) implements Verdict {}

  /** Certainly not done, for want of time. */
  record NotDone(String why) implements Verdict {}

  /** The primary was told to commit and has not answered. */
  record Unknown(String why) implements Verdict {}
}
