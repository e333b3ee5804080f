package io.quorate.region.command;

/**
 * Lets versions go that nobody may ask for any more: those superseded at or below the floor. Judged by what all replicas have
 * applied, so that all refuse and remove alike.
 *
 * @param revision up to which PD lets history go; the region may stand below it
 */
public record AdvanceFloor(long revision) implements RegionEntry {
  /**
   * The floor after it. Never above the last stamp: a write that is still to come has a greater one, so nothing changes at or
   * below the floor any more; and above the last stamp there is nothing that could be removed. And below what a transaction that
   * has locked keys here may be committed at.
   *
   * @param lowestCommit least revision that a write lock leaves open
   */
  public long judge(long floor, long lastStamp, long lowestCommit) {
    return Math.max(floor, Math.min(revision, Math.min(lastStamp, lowestCommit - 1)));
  }
}
