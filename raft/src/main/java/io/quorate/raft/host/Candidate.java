package io.quorate.raft.host;

import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.Message;
import io.quorate.raft.ReplicaId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica's campaigns out of turn: when it is told to, and when the store of its leader is gone ({@link Succession}).
 * Owned by the group; called on any thread, those campaigns that wait for their turn run on the host's timers.
 */
final class Candidate {
  private static final Logger log = LoggerFactory.getLogger(Candidate.class);

  private final Group group;
  private final GroupNode node;
  private final HostTimers timers;
  private final AtomicBoolean succeeding = new AtomicBoolean();

  Candidate(Group group, GroupNode node, HostTimers timers) {
    this.group = group;
    this.node = node;
    this.timers = timers;
  }

  /** Asks for votes at once, without asking beforehand whether it might win. Waits for the disk. */
  void campaign() {
    if (!group.ready() || !node.getNodeState().isActive()) {
      return;
    }
    TimeoutNowRequest now = TimeoutNowRequest.newBuilder()
        .setGroupId(node.getGroupId())
        .setServerId(group.peer().toString())
        .setPeerId(group.peer().toString())
        .setTerm(group.promisedTerm())
        .build();
    Message refusal = node.handleTimeoutNowRequest(
        now, new RpcRequestClosure(Unanswered.INSTANCE, TimeoutNowResponse.getDefaultInstance()));
    if (refusal != null) {
      log.debug("group={} does not campaign: state={}", group.id(), node.getNodeState());
    }
  }

  /** The store of the leader this replica follows is gone: campaign when it is its turn. */
  void leaderLost(long store, long jitterMillis) {
    Optional<ReplicaId> leader = group.leadership().leader();
    ReplicaId self = group.self();
    if (!group.ready()
        || leader.isEmpty()
        || leader.get().store() != store
        || self.store() == store) {
      return;
    }
    Succession.delayMillis(group.id(), group.membership().voters(), store, self, jitterMillis)
        .ifPresent(delay -> {
          if (succeeding.compareAndSet(false, true)) {
            timers.later(delay, () -> succeed(leader, group.promisedTerm(), delay));
          }
        });
  }

  /** It is this replica's turn: unless somebody asks for votes already, who gets one more turn to win. */
  private void succeed(Optional<ReplicaId> lost, long termThen, long waited) {
    succeeding.set(false);
    if (!group.leadership().leader().equals(lost)) {
      return;
    }
    long term = group.promisedTerm();
    if (term > termThen && waited <= Succession.LAST_TURN_MILLIS) {
      succeeding.set(true);
      timers.later(
          Succession.EXTRA_MILLIS, () -> succeed(lost, term, waited + Succession.EXTRA_MILLIS));
      return;
    }
    log.info("group={} campaigns, the store of its leader {} is gone", group.id(), lost);
    campaign();
  }
}
