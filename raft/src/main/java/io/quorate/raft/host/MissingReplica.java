package io.quorate.raft.host;

import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;

/** Hears of replicas that other stores' leaders send to and that are not here. */
@FunctionalInterface
public interface MissingReplica {
  /**
   * Called on the streams' threads, again and again while leaders ask; must neither block nor do more than a look-up. The
   * leader has been answered that the replica is not here.
   *
   * @param replica on this store; another replica of the group may be here
   */
  void wanted(GroupId group, ReplicaId replica);
}
