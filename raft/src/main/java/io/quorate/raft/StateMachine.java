package io.quorate.raft;

import java.util.List;

/**
 * What a group's log drives. The host calls all methods of one machine one at a time (not always from the same thread, but
 * with a happens-before between calls), except {@link #appliedIndex()}, which is called once, before start.
 *
 * <p>An exception from {@link #apply} is a broken invariant: the group stops for good on this replica and says so.
 *
 * @param <R> what it answers for an entry
 */
public interface StateMachine<R> {
  /**
   * Index up to which the machine's own storage already holds the effects: entries at or below it are not delivered again.
   * Machines with {@link SnapshotHooks} answer 0: their state comes back by load and replay.
   */
  long appliedIndex();

  /**
   * Applies committed entries in log order, each index once, and answers for each, in order. Its effects are visible to
   * others when it returns; the proposers' futures complete after that.
   */
  List<R> apply(List<LogEntry> entries);

  /** This replica leads the term, and everything committed in earlier terms is applied. */
  default void onLeading(long term) {}

  /** This replica does not lead the term any more. May come late: fence by term. */
  default void onLeadershipLost(long term) {}

  /**
   * The members changed: told in log order with the entries, alike on every replica. Not told of an entry at or below what
   * {@link #appliedIndex()} answered at the start, nor of joint stages.
   *
   * @param index of the membership entry, or of the snapshot that brought it
   * @param term of that entry
   */
  default void onMembership(long index, long term, Membership membership) {}

  /** The group failed here and will not go on: says why, in one line. */
  default void onFailure(String reason) {}
}
