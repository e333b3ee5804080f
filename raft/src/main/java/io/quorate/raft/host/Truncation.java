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
   * What a log may grow to.
   *
   * @param cutBytes of log since the last cut, after which it is cut
   * @param maxBytes likewise, after which it is cut above what slow replicas have; {@code Long.MAX_VALUE} where nothing could
   *     bring those back
   */
  record Limits(long cutBytes, long maxBytes) {}

  /**
   * Decides for one replica. jraft keeps one interval: a cut at the applied index drops the entries up to the cut before, so
   * that one must be behind every replica that is waited for.
   *
   * @param grown bytes of log since the last cut
   * @param lastCut index of the last cut
   * @param applied index up to which it may be cut now
   * @param bound every replica has the log up to here, as the leader last said; {@code Long.MAX_VALUE} where replicas that
   *     lack entries are brought back by their small state
   * @param held index of a snapshot on its way to another replica, which goes on from there; {@code Long.MAX_VALUE} if none is
   */
  static Step decide(long grown, Limits limits, long lastCut, long applied, long bound, long held) {
    // A cut at the same index again would make jraft drop the interval it keeps.
    if (grown < limits.cutBytes() || applied <= lastCut) {
      return Step.NOTHING;
    }
    boolean waited = lastCut > bound && grown < limits.maxBytes();
    // The entry at the snapshot's index stays, too: what follows is sent with its term.
    return waited || lastCut >= held ? Step.HELD_BACK : Step.CUT;
  }
}
