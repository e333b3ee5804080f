package io.quorate.raft;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One replica of one group's log: what regions and PD are built on. Implemented on jraft for production and by a simulated
 * log for tests.
 *
 * <p>Thread: all methods may be called from any thread and never block. Futures are completed on raft's threads: dependents
 * must be short or hop to an executor of their own.
 *
 * @param <R> what the state machine answers for an entry
 */
public interface ReplicatedLog<R> {
  GroupId group();

  ReplicaId self();

  Leadership leadership();

  Membership membership();

  /** How far the others are; empty unless this replica leads. */
  default List<ReplicaProgress> progress() {
    return List.of();
  }

  /** Index of the last entry applied here, no-op and membership entries included. */
  long appliedIndex();

  /**
   * Proposes an entry under the given term only. Proposals of one caller thread are appended in the order of the calls.
   *
   * @param data not empty, at most the host's limit of one entry
   * @param expectedTerm the term the proposal was made for; in any other it is refused
   * @return the state machine's answer once applied here; fails with {@link LogException}
   */
  CompletableFuture<R> propose(byte[] data, long expectedTerm);

  /**
   * Confirms, by a round that starts after this call, that this replica leads, and waits until all that was committed by
   * then is applied (Raft dissertation 6.4). Rounds are shared over calls and groups.
   */
  CompletableFuture<ReadPoint> readBarrier();

  /**
   * Completes when the change is committed and applied here; one at a time, a second is refused as BUSY. What is so already is
   * not changed again.
   */
  CompletableFuture<Membership> change(MembershipChange change);

  /**
   * Lets the replicas on that store know at once how far the log is committed, which they hear of otherwise with the next entry or
   * heartbeat. Does nothing unless this replica leads; may be lost.
   */
  default void tellCommitted(long store) {}

  /** Completes when the target has been told to campaign; whether it won shows in {@link #leadership()}. */
  CompletableFuture<Void> transferLeadership(ReplicaId to);

  /** Campaigns at once instead of waiting for an election timeout; for a fresh group whose first leader is agreed on. */
  void campaign();
}
