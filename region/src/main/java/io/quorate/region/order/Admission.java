package io.quorate.region.order;

import io.quorate.model.KeyRange;

/** Whether a replica takes a request in. Pure; asked at arrival and, for reads, once more before they are executed. */
public enum Admission {
  ADMITTED,
  /** The replica does not lead, and only its leader may answer. */
  NOT_LEADER,
  /** The request was made for another shape of the region. */
  WRONG_EPOCH,
  /** Not all keys lie in the region. */
  OUT_OF_RANGE;

  /**
   * Decides.
   *
   * @param epochVersion the region's: the membership does not matter to keys
   * @param range the region's
   * @param leading whether the replica leads
   * @param needsLeader whether the request does
   * @param askedVersion the epoch version that the request was made for
   * @param keys that it names
   */
  public static Admission decide(
      long epochVersion,
      KeyRange range,
      boolean leading,
      boolean needsLeader,
      long askedVersion,
      Footprint keys) {
    if (askedVersion != epochVersion) {
      return WRONG_EPOCH;
    }
    if (needsLeader && !leading) {
      return NOT_LEADER;
    }
    return keys.liesIn(range) ? ADMITTED : OUT_OF_RANGE;
  }
}
