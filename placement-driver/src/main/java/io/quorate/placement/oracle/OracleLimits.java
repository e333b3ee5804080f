package io.quorate.placement.oracle;

/**
 * Bounds of the revision oracle.
 *
 * @param windowSize revisions persisted ahead of use; as many are lost at most by a change of leader
 * @param countMax revisions in one ask; at most half the window
 * @param waitingAsksMax asks that may wait for a confirmation; more are answered BUSY
 */
public record OracleLimits(long windowSize, int countMax, int waitingAsksMax) {
  public OracleLimits {
    if (countMax < 1 || windowSize < 2L * countMax || waitingAsksMax < 1) {
      throw new IllegalArgumentException(
          "oracle limits: window " + windowSize + " must be at least twice the " + countMax
              + " revisions of one ask, and " + waitingAsksMax + " waiting asks at least 1");
    }
  }

  public static OracleLimits defaults() {
    return new OracleLimits(1_000_000, 100_000, 100_000);
  }
}
