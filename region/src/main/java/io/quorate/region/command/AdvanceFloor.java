package io.quorate.region.command;

/**
 * Lets versions go that nobody may ask for any more: those superseded below the floor. Judged by what all replicas have
 * applied, so that all refuse and remove alike. What happened at the floor itself stays, for watches that begin there as etcd's may.
 *
 * @param revision up to which PD lets history go; the region may stand below it
 */
public record AdvanceFloor(long revision) implements RegionEntry {
  /**
   * The floor after it. Never more than one above the last stamp: a write that is still to come has a greater stamp than the last,
   * so nothing changes below the floor any more; and above the last stamp there is nothing that could be removed. And below what a
   * transaction that has locked keys here may be committed at.
   *
   * @param lowestCommit least revision that a write lock leaves open
   */
  public long judge(long floor, long lastStamp, long lowestCommit) {
    return Math.max(floor, Math.min(reach(revision, lastStamp), lowestCommit - 1));
  }

  /** How far the floor of a region can follow; 0 where nothing was ever written. */
  public static long reach(long target, long lastStamp) {
    return lastStamp == 0 ? 0 : Math.min(target, lastStamp + 1);
  }
}
