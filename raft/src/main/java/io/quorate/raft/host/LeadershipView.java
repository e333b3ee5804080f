package io.quorate.raft.host;

import io.quorate.raft.Leadership;
import io.quorate.raft.ReplicaId;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What a replica believes of its group's leadership, to be read without a lock; written by the group's apply stage in the
 * order in which jraft reports.
 */
final class LeadershipView {
  private final ReplicaId self;
  private final LongSupplier term;
  private volatile Optional<ReplicaId> leader = Optional.empty();
  /** The term led, 0 while this replica does not serve as leader. */
  private volatile long leading;

  LeadershipView(ReplicaId self, LongSupplier term) {
    this.self = self;
    this.term = term;
  }

  Leadership now() {
    long led = leading;
    return led > 0
        ? new Leadership(led, Optional.of(self), true)
        : new Leadership(term.getAsLong(), leader, false);
  }

  /** The term this replica leads and serves in, or 0. */
  long leadingTerm() {
    return leading;
  }

  Optional<ReplicaId> leader() {
    return leading > 0 ? Optional.of(self) : leader;
  }

  void lead(long newTerm) {
    leading = newTerm;
    leader = Optional.of(self);
  }

  /** Ends the leading; answers the term that was led, or 0. */
  long stopLeading() {
    long led = leading;
    leading = 0;
    if (leader.equals(Optional.of(self))) {
      leader = Optional.empty();
    }
    return led;
  }

  void follow(ReplicaId newLeader) {
    leader = Optional.of(newLeader);
  }

  void followNobody() {
    leader = Optional.empty();
  }
}
