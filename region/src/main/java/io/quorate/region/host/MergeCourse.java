package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.StoreId;
import io.quorate.region.command.MergeState;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the leader of a left region brings one merge to its end. Pure: what it knows goes in, what to do next comes out. It may be
 * forgotten at any time, and two leaders may follow it at once: only the first decision in the left log counts.
 *
 * @param merge as the left log knows it
 * @param ready stores that have said that the beginning is applied to their left replica and that their right one is here
 * @param confirmed stores that have said that, durably, the beginning is applied to their left replica and the freeze to their
 *     right one; each stays so until the merge is decided
 * @param sinceNanos when this leader began to follow it
 */
record MergeCourse(
    MergeState.Pending merge, Set<StoreId> ready, Set<StoreId> confirmed, long sinceNanos) {
  /** What to do next. */
  enum Move {
    /** Ask the stores that are not ready: nothing is frozen before all are there. */
    GATHER,
    /** Ask the stores that have not confirmed to freeze. */
    FREEZE,
    COMMIT,
    ABORT
  }

  MergeCourse {
    ready = Set.copyOf(ready);
    confirmed = Set.copyOf(confirmed);
  }

  static MergeCourse begin(MergeState.Pending merge, long nowNanos) {
    return new MergeCourse(merge, Set.of(), Set.of(), nowNanos);
  }

  /** All stores that must confirm: the replicas of both regions stand on the same ones. */
  Set<StoreId> wanted() {
    return merge.right().peers().stream().map(Peer::store).collect(Collectors.toSet());
  }

  MergeCourse readyAt(StoreId store) {
    return new MergeCourse(merge, with(ready, store), confirmed, sinceNanos);
  }

  MergeCourse confirmedBy(StoreId store) {
    return new MergeCourse(merge, ready, with(confirmed, store), sinceNanos);
  }

  private Set<StoreId> with(Set<StoreId> some, StoreId store) {
    Set<StoreId> more = new HashSet<>(some);
    if (wanted().contains(store)) {
      more.add(store);
    }
    return more;
  }

  Move next(long nowNanos, long patienceNanos) {
    if (confirmed.containsAll(wanted())) {
      return Move.COMMIT;
    }
    if (nowNanos - sinceNanos >= patienceNanos) {
      return Move.ABORT;
    }
    // Somebody has frozen already: an earlier leader had found all of them ready.
    return ready.containsAll(wanted()) || !confirmed.isEmpty() ? Move.FREEZE : Move.GATHER;
  }

  /** Whom to ask for the move. */
  Set<StoreId> missing(Move move) {
    Set<StoreId> missing = new HashSet<>(wanted());
    missing.removeAll(move == Move.FREEZE ? confirmed : ready);
    return missing;
  }
}
