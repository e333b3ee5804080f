package io.quorate.region.host;

import io.quorate.raft.ReplicaProgress;
import java.util.List;
import java.util.TreeSet;

/**
 * Which replicas of a region its leader finds wanting; a pure judgement.
 *
 * @param down ids of those that have not answered for long, ascending
 * @param pending ids of those that are behind or have proved nothing yet, ascending
 */
public record ReplicaHealth(List<Long> down, List<Long> pending) {
  public static final ReplicaHealth GOOD = new ReplicaHealth(List.of(), List.of());

  public ReplicaHealth {
    down = List.copyOf(down);
    pending = List.copyOf(pending);
  }

  /**
   * @param applied how far the leader is
   */
  static ReplicaHealth judge(List<ReplicaProgress> others, long applied, MoveLimits limits) {
    TreeSet<Long> down = new TreeSet<>();
    TreeSet<Long> pending = new TreeSet<>();
    for (ReplicaProgress other : others) {
      long id = other.replica().replica();
      if (other.silentMillis() >= limits.replicaDownAfter().toMillis()) {
        down.add(id);
      }
      if (!isCaughtUp(other, applied, limits)) {
        pending.add(id);
      }
    }
    return new ReplicaHealth(List.copyOf(down), List.copyOf(pending));
  }

  static boolean isCaughtUp(ReplicaProgress replica, long applied, MoveLimits limits) {
    return replica.matched() >= 0 && applied - replica.matched() <= limits.promoteLag();
  }
}
