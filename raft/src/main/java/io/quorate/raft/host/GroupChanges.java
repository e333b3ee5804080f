package io.quorate.raft.host;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReplicaId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Changes the members of one group by way of jraft, one at a time; owned by the group's log. Any thread, never waits. */
final class GroupChanges {
  private static final long NUDGE_MILLIS = 300;

  private final Group group;
  private final GroupNode node;
  private final Executor waiting;
  private final HostTimers timers;

  GroupChanges(Group group, Executor waiting, HostTimers timers) {
    this.group = group;
    this.node = group.node();
    this.waiting = waiting;
    this.timers = timers;
  }

  CompletableFuture<Membership> begin(MembershipChange change) {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    PeerId peer = group.peers().toPeer(change.replica());
    group.followers().changing(true);
    waiting.execute(() -> {
      try {
        switch (change.kind()) {
          case ADD_LEARNER -> add(change.replica(), peer, ended);
          case PROMOTE -> promote(change.replica(), peer, ended);
          case REMOVE -> remove(change.replica(), peer, ended);
        }
      } catch (IllegalStateException | IllegalArgumentException e) {
        // The group is down, or the change makes no sense as things are.
        ended.completeExceptionally(new LogException(Kind.REFUSED, String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        // The top of the thread. Unheard of, it would leave the group changing for ever.
        ended.completeExceptionally(new LogException(Kind.INDETERMINATE, String.valueOf(e)));
      }
    });
    return ended
        .thenCompose(this::applied)
        .whenComplete((members, e) -> group.followers().changing(false));
  }

  /** Whoever hears that a change is done may rely on its being applied here. */
  private CompletableFuture<Membership> applied(Status status) {
    CompletableFuture<Membership> changed = new CompletableFuture<>();
    if (status.isOk()) {
      group.whenApplied(reached -> {
        if (reached) {
          changed.complete(group.membership());
        } else {
          changed.completeExceptionally(
              new LogException(Kind.INDETERMINATE, "the replica stopped meanwhile"));
        }
      });
    } else {
      changed.completeExceptionally(Refusals.ofChange(status));
    }
    return changed;
  }

  private void add(ReplicaId replica, PeerId peer, CompletableFuture<Status> ended) {
    Membership now = group.membership();
    if (now.learners().contains(replica) || now.voters().contains(replica)) {
      ended.complete(Status.OK());
    } else {
      node.addLearners(List.of(peer), ended::complete);
    }
  }

  /**
   * In one change, so that no replica ever sees a membership without the one that rises. jraft's own ways take two, because a
   * joint entry may not name it on both sides: here the old side is given without it, where it counts for nothing.
   */
  private void promote(ReplicaId replica, PeerId peer, CompletableFuture<Status> ended) {
    Membership now = group.membership();
    if (now.voters().contains(replica)) {
      ended.complete(Status.OK());
      return;
    }
    if (!now.learners().contains(replica)) {
      throw new IllegalArgumentException(replica + " is no learner of " + now);
    }
    var unused = ended.whenComplete((status, failure) -> group.followers().replicateTo(peer));
    group.followers().promote(peer, () -> {
      Configuration before = node.getCurrentConf();
      before.removeLearner(peer);
      Configuration next = before.copy();
      next.addPeer(peer);
      JraftFields.registerChange(node, before, next, ended::complete);
    });
    nudge(ended);
  }

  /**
   * Appends an entry for nobody, as long as the change is not done. jraft looks whether a new peer has caught up when it
   * acknowledges an append, and begins to look only after it has sent the first: where the answer comes sooner and nothing
   * else is written, it would look for ever (ConfigurationCtx.addNewPeers, Replicator.notifyOnCaughtUp).
   */
  private void nudge(CompletableFuture<Status> ended) {
    timers.later(NUDGE_MILLIS, () -> {
      long term = group.leadership().leadingTerm();
      if (!ended.isDone() && term > 0) {
        node.apply(new Task(LogEntry.EMPTY_DATA, status -> {}, term));
        nudge(ended);
      }
    });
  }

  private void remove(ReplicaId replica, PeerId peer, CompletableFuture<Status> ended) {
    Membership now = group.membership();
    if (now.learners().contains(replica)) {
      node.removeLearners(List.of(peer), ended::complete);
    } else if (now.voters().contains(replica)) {
      node.removePeer(peer, ended::complete);
    } else {
      ended.complete(Status.OK());
    }
  }
}
