package io.quorate.raft.host;

import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.Pulse;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.TruncationBound;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.mailbox.MailboxThreads;
import io.quorate.raft.transport.Inbound;
import io.quorate.raft.transport.MessageTypes;
import io.quorate.raft.transport.SnapshotOutput;
import io.quorate.raft.transport.TransportConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what comes from other stores to the groups it is for; owned by the {@link RaftHost}, called on the streams' threads. */
final class HostInbound implements Inbound {
  private static final Logger log = LoggerFactory.getLogger(HostInbound.class);
  /** Heartbeats handled as one task. */
  private static final int PORTION = 64;

  private static final int JITTER_MILLIS = 30;

  private final long store;
  private final Map<Long, Group> groups;
  private final StateExchange states;
  private final EarlyVotes votes;
  private final Executor compute = MailboxThreads.shared().compute();

  private final Supplier<RangeExchange> ranges;
  private volatile MissingReplica missing = (group, replica) -> {};
  private volatile WordListener words = (from, word) -> {};

  HostInbound(
      long store,
      TransportConfig config,
      Map<Long, Group> groups,
      StateExchange states,
      Supplier<RangeExchange> ranges) {
    this.store = store;
    this.votes = new EarlyVotes(config.earlyVotes(), config.earlyVotePatience().toNanos());
    this.groups = groups;
    this.states = states;
    this.ranges = ranges;
  }

  void onMissing(MissingReplica listener) {
    missing = listener;
  }

  void onWord(WordListener listener) {
    words = listener;
  }

  @Override
  public void word(long fromStore, ByteString word) {
    words.heard(fromStore, word.toByteArray());
  }

  /** Only leaders append; a replica with a greater number than the one here takes its place. */
  private void tellMissing(long groupId, @Nullable Group here, long asked) {
    if (asked > 0 && (here == null || here.self().replica() < asked)) {
      missing.wanted(new GroupId(groupId), new ReplicaId(store, asked));
    }
  }

  @Override
  public void snapshot(SnapshotFetch asked, SnapshotOutput out) {
    ranges.get().serve(asked, out);
  }

  @Override
  public void request(long fromStore, RaftMessage message, Answers answers) {
    if (MessageTypes.isPiece(message.getType())) {
      compute.execute(() -> piece(message, answers));
      return;
    }
    Group group = groups.get(message.getGroupId());
    if (group == null || !group.ready() || group.self().replica() != message.getToReplica()) {
      if (MessageTypes.isAppend(message.getType())) {
        tellMissing(message.getGroupId(), group, message.getToReplica());
      }
    }
    if (group == null || !group.ready()) {
      boolean kept = MessageTypes.isVote(message.getType())
          && votes.keep(fromStore, message, answers, System.nanoTime());
      if (!kept) {
        answers.refuse(message.getCallId(), "group=" + message.getGroupId() + " is not here");
      }
    } else if (group.self().replica() != message.getToReplica()) {
      answers.refuse(
          message.getCallId(),
          "group=" + message.getGroupId() + " is here as " + group.self() + ", not as r"
              + message.getToReplica());
    } else {
      group.requests().accept(message, answers);
    }
  }

  /** A replica of the group has been started. */
  void started(GroupId group) {
    votes.arrived(group.value(), this::request);
  }

  void expireVotes() {
    votes.expire(System.nanoTime());
  }

  private void piece(RaftMessage message, Answers answers) {
    try {
      GetFileRequest request =
          (GetFileRequest) MessageTypes.parse(message.getType(), message.getPayload());
      answers.answer(message.getCallId(), states.piece(request));
    } catch (InvalidProtocolBufferException e) {
      answers.refuse(message.getCallId(), "request cannot be read: " + e.getMessage());
    }
  }

  @Override
  public void pulses(long fromStore, List<Pulse> pulses, Answers answers) {
    for (int from = 0; from < pulses.size(); from += PORTION) {
      List<Pulse> portion = pulses.subList(from, Math.min(pulses.size(), from + PORTION));
      compute.execute(() -> answer(fromStore, portion, answers));
    }
  }

  private void answer(long fromStore, List<Pulse> pulses, Answers answers) {
    List<PulseAnswer> all = new ArrayList<>(pulses.size());
    for (Pulse pulse : pulses) {
      all.add(answer(fromStore, pulse));
    }
    answers.pulses(all);
  }

  private PulseAnswer answer(long fromStore, Pulse pulse) {
    Group group = groups.get(pulse.getGroupId());
    if (group == null || !group.ready() || group.self().replica() != pulse.getToReplica()) {
      tellMissing(pulse.getGroupId(), group, pulse.getToReplica());
      return GroupRequests.refused(pulse.getCallId(), "replica is not here");
    }
    try {
      return group.requests().pulse(pulse, fromStore);
    } catch (RuntimeException e) {
      log.warn("group={} heartbeat failed", pulse.getGroupId(), e);
      return GroupRequests.refused(pulse.getCallId(), String.valueOf(e.getMessage()));
    }
  }

  @Override
  public boolean refuses(GroupTerm asked) {
    Group group = groups.get(asked.getGroupId());
    return group == null || group.refuses(asked);
  }

  @Override
  public void truncationBounds(long fromStore, List<TruncationBound> bounds) {
    for (TruncationBound bound : bounds) {
      Group group = groups.get(bound.getGroupId());
      if (group != null && group.promisedTerm() <= bound.getTerm()) {
        group.logCut().bound(bound.getIndex());
      }
    }
  }

  @Override
  public void unreachable(long store) {
    for (Group group : groups.values()) {
      group.leaderLost(store, ThreadLocalRandom.current().nextInt(JITTER_MILLIS));
    }
  }
}
