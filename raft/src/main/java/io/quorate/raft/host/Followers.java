package io.quorate.raft.host;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.Replicator;
import com.alipay.sofa.jraft.core.ReplicatorType;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import com.alipay.sofa.jraft.util.ThreadId;
import com.alipay.sofa.jraft.util.Utils;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a group's leader knows of the other replicas, and how it replicates to them; on a replica that does not lead there is
 * nothing. Owned by the {@link Group}; any thread.
 */
final class Followers {
  private final Group group;
  private final HostParts host;

  /** jraft's, from its node's start on. */
  private volatile @Nullable ReplicatorGroup replicators;

  private volatile boolean changing;

  Followers(Group group, HostParts host) {
    this.group = group;
    this.host = host;
  }

  /** The node is started. */
  void begin(ReplicatorGroup of) {
    replicators = of;
  }

  private Optional<ReplicatorGroup> led() {
    return group.leadership().leadingTerm() > 0
        ? Optional.ofNullable(replicators)
        : Optional.empty();
  }

  /** Whether members are being changed from here; logs are not cut meanwhile, a learner on its way to voter needs them. */
  void changing(boolean now) {
    changing = now;
  }

  /** Up to where every replica has the log; empty if this replica does not lead. */
  Optional<Long> replicated() {
    if (changing || led().isEmpty()) {
      return Optional.empty();
    }
    long lowest = group.appliedIndex();
    for (ReplicaProgress other : progress()) {
      lowest = Math.min(lowest, Math.max(0, other.matched()));
    }
    return Optional.of(lowest);
  }

  /** How far the others are. */
  List<ReplicaProgress> progress() {
    return led().map(to -> others().map(other -> progress(to, other)).toList()).orElseGet(List::of);
  }

  private Stream<ReplicaId> others() {
    Membership members = group.membership();
    List<ReplicaId> all = new ArrayList<>(members.voters());
    all.addAll(members.learners());
    return all.stream().filter(other -> !other.equals(group.self()));
  }

  private ReplicaProgress progress(ReplicatorGroup to, ReplicaId other) {
    ThreadId replicator = to.getReplicator(host.peers().toPeer(other));
    if (replicator == null) {
      return new ReplicaProgress(other, -1, Long.MAX_VALUE);
    }
    // Before its first success a replicator's next index is no more than a hope.
    long matched =
        JraftFields.hasSucceeded(replicator) ? Replicator.getNextIndex(replicator) - 1 : -1;
    long silent = Utils.monotonicMs() - Replicator.getLastRpcSendTimestamp(replicator);
    return new ReplicaProgress(other, matched, Math.max(0, silent));
  }

  /** A heartbeat out of turn for whoever is on that store. Takes the replicator's lock. */
  void tellCommitted(long store) {
    led().ifPresent(to -> {
      others()
          .filter(other -> other.store() == store)
          .forEach(other -> to.sendHeartbeat(host.peers().toPeer(other), new Unheard()));
      host.transport().link(store).flush();
    });
  }

  /** The answer to a heartbeat out of turn says nothing that the regular ones do not. */
  private static final class Unheard extends RpcResponseClosureAdapter<AppendEntriesResponse> {
    @Override
    public void run(Status status) {}
  }

  /**
   * Starts the change after the learner's replicator is stopped: jraft would keep it for the voter, but count no
   * acknowledgement that comes by it (Replicator.onAppendEntriesReturned).
   */
  void promote(PeerId learner, Runnable change) {
    group.node().locked(() -> {
      led().ifPresent(to -> to.stopReplicator(learner));
      change.run();
    });
  }

  /** After a promotion, however it ended: jraft stops the replicator of whoever is a learner no more (ConfigurationCtx.reset). */
  void replicateTo(PeerId member) {
    group
        .node()
        .locked(() -> led().filter(to -> group.node().isLeader()).ifPresent(to -> {
          Configuration now = group.node().getCurrentConf();
          if (now.contains(member)) {
            to.addReplicator(member);
          } else if (now.getLearners().contains(member)) {
            to.addReplicator(member, ReplicatorType.Learner);
          }
        }));
  }
}
