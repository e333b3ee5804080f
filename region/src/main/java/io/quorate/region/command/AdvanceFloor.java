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
   * below the floor any more; and above the last stamp there is nothing that could be removed.
   */
  public long judge(long floor, long lastStamp) {
    return Math.max(floor, Math.min(revision, lastStamp));
  }
}
