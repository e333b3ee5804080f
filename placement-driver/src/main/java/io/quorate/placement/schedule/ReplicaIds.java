package io.quorate.placement.schedule;

import io.quorate.model.RegionId;

/**
 * Ids for new replicas, taken from the log in blocks. A replica's id must be greater than that of every replica its region ever
 * had: stores keep tombstones by it, and let nothing past that is older. Owned by the host of schedules, used under its lock.
 */
/*
 * Learners are numbered in the order of their admission, and blocks rise from leader to leader. What is left to heed are the
 * replicas a region was born with: their ids were taken with the region's own, in one piece. A block is in one piece too, so an id
 * of it that is greater than the region's is greater than all of those.
 */
public final class ReplicaIds {
  /** With so few left, the next block is asked for. */
  private static final int LOW = 256;

  private long next = 1;
  private long last;

  /** A block was given: {@code (newLast - count, newLast]}; what was left of the one before is left to nobody. */
  public void give(long newLast, int count) {
    last = newLast;
    next = newLast - count + 1;
  }

  /** Another leader's turn: no id is given twice. */
  public void forget() {
    next = 1;
    last = 0;
  }

  /** Whether it is time to ask for a block, to have so many for the region. */
  public boolean isLow(RegionId region, int wanted) {
    return last - next + 1 < wanted + LOW || !suffices(region, wanted);
  }

  /** Whether so many may be taken for new replicas of the region. */
  public boolean suffices(RegionId region, int wanted) {
    return wanted == 0 || (last - next + 1 >= wanted && next > region.value());
  }

  public long take() {
    if (next > last) {
      throw new IllegalStateException("no replica id is left");
    }
    return next++;
  }
}
