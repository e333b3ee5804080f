package io.quorate.raft;

import java.util.List;

/**
 * Who is in a group, as its log last said.
 *
 * @param voters replicas that count in majorities
 * @param learners replicas that only receive
 */
public record Membership(List<ReplicaId> voters, List<ReplicaId> learners) {
  public Membership {
    voters = List.copyOf(voters);
    learners = List.copyOf(learners);
  }

  public static Membership ofVoters(List<ReplicaId> voters) {
    return new Membership(voters, List.of());
  }
}
