package io.quorate.raft.host;

import io.quorate.proto.RaftMessage;
import io.quorate.raft.transport.Inbound.Answers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Asks for votes that came before the replica they are for. A group that was just made is campaigned for by the store that made
 * it first; the others make theirs a moment later, and if they refused until then, the candidate would wait for an election
 * timeout. Owned by the host's inbound; any thread.
 */
final class EarlyVotes {
  /** Where an ask goes once its replica is here. */
  interface Door {
    void request(long fromStore, RaftMessage message, Answers answers);
  }

  private record Early(long fromStore, RaftMessage message, Answers answers, long since) {}

  private final int most;
  private final long patienceNanos;
  private final ArrayDeque<Early> kept = new ArrayDeque<>();

  /**
   * @param most kept at once, over all groups; more are refused as they would be without this
   */
  EarlyVotes(int most, long patienceNanos) {
    this.most = most;
    this.patienceNanos = patienceNanos;
  }

  /** Whether it is kept, to be answered later. */
  synchronized boolean keep(long fromStore, RaftMessage message, Answers answers, long now) {
    if (kept.size() >= most) {
      return false;
    }
    kept.addLast(new Early(fromStore, message, answers, now));
    return true;
  }

  /** The group's replica has been started: it may answer. */
  void arrived(long group, Door to) {
    for (Early early : take(group)) {
      to.request(early.fromStore(), early.message(), early.answers());
    }
  }

  private synchronized List<Early> take(long group) {
    List<Early> taken = new ArrayList<>();
    Iterator<Early> each = kept.iterator();
    while (each.hasNext()) {
      Early early = each.next();
      if (early.message().getGroupId() == group) {
        taken.add(early);
        each.remove();
      }
    }
    return taken;
  }

  /** Refuses those that have waited long enough. */
  void expire(long now) {
    List<Early> late = new ArrayList<>();
    synchronized (this) {
      while (!kept.isEmpty() && now - kept.getFirst().since() > patienceNanos) {
        late.add(kept.removeFirst());
      }
    }
    for (Early early : late) {
      early
          .answers()
          .refuse(
              early.message().getCallId(),
              "group=" + early.message().getGroupId() + " is not here");
    }
  }
}
