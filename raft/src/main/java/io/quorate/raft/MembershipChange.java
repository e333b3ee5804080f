package io.quorate.raft;

/**
 * One step of a change of members; a group takes one at a time (Raft dissertation 4.1: one server per change).
 *
 * @param kind what to do
 * @param replica with whom
 */
public record MembershipChange(Kind kind, ReplicaId replica) {
  /** The steps; a move is add learner, promote, transfer, remove. */
  public enum Kind {
    ADD_LEARNER,
    /** Of a learner that has caught up. */
    PROMOTE,
    REMOVE
  }
}
