package io.quorate.region.order;

/**
 * A promise: in the range that a region has in a shape, no commit with a revision up to this one will appear any more, beyond
 * what is applied at the index. It never expires, and holds on every replica of that shape that has applied as much. Pure.
 *
 * @param epochVersion the shape of the region
 * @param revision the promise; 0 promises nothing
 * @param appliedIndex a replica that has applied up to here has applied all commits up to the revision
 * @param lastStamp greatest stamp that was applied when the promise was made, on the replica that made it
 */
public record Resolved(long epochVersion, long revision, long appliedIndex, long lastStamp) {
  public static final Resolved NOTHING = new Resolved(0, 0, 0, 0);

  /**
   * How far can be promised.
   *
   * @param current the oracle's number; leadership was confirmed after it was known, and what was committed then is applied
   * @param lowestInFlight least revision that something in flight may get; the greatest of all if nothing is
   * @param lowestLock least start of a write lock in the region; the greatest of all if none stands
   */
  public static long decide(long current, long lowestInFlight, long lowestLock) {
    return Math.max(0, Math.min(current, Math.min(lowestInFlight, lowestLock) - 1));
  }

  /** The stronger of two promises: of a later shape, or of the same and further. */
  public Resolved or(Resolved other) {
    if (other.epochVersion != epochVersion) {
      return other.epochVersion > epochVersion ? other : this;
    }
    return other.revision > revision ? other : this;
  }
}
