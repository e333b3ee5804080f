package io.quorate.raft.host;

/** When a group's log is cut: the rule, without the deed. */
final class Truncation {
  /** What to do with a group's log now. */
  enum Step {
    NOTHING,
    CUT,
    /** It is long enough to be cut, but a replica still needs what would go. */
    HELD_BACK
  }

  private Truncation() {}

  /**
   * Decides for one replica. jraft keeps one interval: a cut at the applied index drops the entries up to the cut before, so
   * that one must be behind every replica.
   *
   * @param grown bytes of log since the last cut
   * @param limit after which it is cut
   * @param lastCut index of the last cut
   * @param applied index up to which it may be cut now
   * @param bound every replica has the log up to here, as the leader last said; {@code Long.MAX_VALUE} where replicas that
   *     lack entries are brought back by their state
   */
  static Step decide(long grown, long limit, long lastCut, long applied, long bound) {
    // A cut at the same index again would make jraft drop the interval it keeps.
    if (grown < limit || applied <= lastCut) {
      return Step.NOTHING;
    }
    return lastCut <= bound ? Step.CUT : Step.HELD_BACK;
  }
}
