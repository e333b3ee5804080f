package io.quorate.raft.host;

import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.util.List;
import java.util.OptionalLong;

/** Who campaigns first when a leader's store is gone: the rule, without the deed. */
final class Succession {
  /** Long enough for the one before to win, fsync of its vote included; short of an election timeout. */
  static final long TURN_MILLIS = 250;

  /** More for one who has asked for votes and may need them counted. */
  static final long EXTRA_MILLIS = 500;

  /** Nobody waits for others' campaigns after that. */
  static final long LAST_TURN_MILLIS = 2_000;

  private Succession() {}

  /**
   * How long this replica waits before it campaigns; empty if it is no candidate. All replicas of a group compute the same
   * order, which differs between groups so that their leaders spread.
   *
   * @param jitter added, 0 to a few tens of milliseconds
   */
  static OptionalLong delayMillis(
      GroupId group, List<ReplicaId> voters, long lostStore, ReplicaId self, long jitter) {
    List<ReplicaId> heirs = voters.stream()
        .filter(voter -> voter.store() != lostStore)
        .sorted((a, b) -> Long.compare(a.replica(), b.replica()))
        .toList();
    int place = heirs.indexOf(self);
    if (place < 0) {
      return OptionalLong.empty();
    }
    int first = (int) Long.remainderUnsigned(group.value(), heirs.size());
    int turn = Math.floorMod(place - first, heirs.size());
    return OptionalLong.of(turn * TURN_MILLIS + jitter);
  }
}
