package io.quorate.placement.schedule;

import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;

/**
 * A store as planning sees it.
 *
 * @param store as the log knows it: serving, draining, in maintenance or retired
 * @param liveness UP, DISCONNECTED or DOWN, by its silence alone
 * @param disk what it told of its disk
 * @param stopping it said that it is about to stop
 * @param held replicas that it says to hold
 * @param quota what may still be added to it and taken from it now
 * @param tally what the regions say of it, operators under way included
 */
public record StoreView(
    StoreDescriptor store,
    StoreDescriptor.State liveness,
    Disk disk,
    boolean stopping,
    int held,
    Quota quota,
    Tally tally) {
  /** Bytes of the disk; all 0 while the store has told nothing. */
  public record Disk(long capacity, long available, long used) {
    public static final Disk UNKNOWN = new Disk(0, 0, 0);
  }

  /** What a store's limits leave for now, in replicas of the usual size. */
  public record Quota(double add, double remove) {
    public static final Quota FREE = new Quota(1_000, 1_000);

    Quota less(double added, double removed) {
      return new Quota(add - added, remove - removed);
    }
  }

  /**
   * Sums over regions.
   *
   * @param leaders regions led
   * @param replicas voters and learners
   * @param bytes of those
   * @param pending of those lag
   * @param snapshots replicas under way to it or from it
   * @param leaderLoad bytes a second that clients read and write by the regions it leads
   * @param writeLoad bytes a second that are written to its replicas
   */
  public record Tally(
      int leaders,
      int replicas,
      long bytes,
      int pending,
      int snapshots,
      double leaderLoad,
      double writeLoad) {
    public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0);

    Tally moreLeaders(int count, double load) {
      return new Tally(
          leaders + count, replicas, bytes, pending, snapshots, leaderLoad + load, writeLoad);
    }

    Tally moreReplicas(int count, long size, double load) {
      return new Tally(
          leaders,
          replicas + count,
          bytes + size,
          pending,
          snapshots,
          leaderLoad,
          writeLoad + load);
    }

    Tally oneMoreSnapshot() {
      return new Tally(leaders, replicas, bytes, pending, snapshots + 1, leaderLoad, writeLoad);
    }
  }

  public StoreId id() {
    return store.id();
  }

  /** As the operator wants it: it serves, or is drained, spared or gone. */
  public boolean isMeantToServe() {
    return store.state() == StoreDescriptor.State.UP;
  }

  public boolean isUp() {
    return liveness == StoreDescriptor.State.UP && store.state() != StoreDescriptor.State.RETIRED;
  }

  /** Its replicas must be made anew elsewhere. */
  public boolean isGivenUp() {
    return store.state() == StoreDescriptor.State.RETIRED
        || (liveness == StoreDescriptor.State.DOWN
            && store.state() != StoreDescriptor.State.MAINTENANCE);
  }

  public boolean isDraining() {
    return store.state() == StoreDescriptor.State.DRAINING;
  }

  /** Leaders shall leave it, replicas may stay. */
  public boolean shedsLeaders() {
    return stopping || store.state() == StoreDescriptor.State.MAINTENANCE;
  }

  StoreView with(Quota left, Tally counted) {
    return new StoreView(store, liveness, disk, stopping, held, left, counted);
  }
}
