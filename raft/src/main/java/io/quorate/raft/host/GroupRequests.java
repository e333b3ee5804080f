package io.quorate.raft.host;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcRequestClosure;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.quorate.proto.Pulse;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftMessage;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.mailbox.Mailbox;
import io.quorate.raft.mailbox.MailboxThreads;
import io.quorate.raft.transport.Inbound.Answers;
import io.quorate.raft.transport.MessageTypes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What other replicas ask of one group; owned by the group. Appends are handled in the order of their stream, on shared
 * threads; votes and installs, which wait, on threads of their own.
 */
final class GroupRequests {
  private static final Logger log = LoggerFactory.getLogger(GroupRequests.class);
  /** Requests of one group waiting here; a leader has 256 appends under way at most. */
  private static final int QUEUE = 1024;

  private record Append(RaftMessage message, Answers answers) {}

  private final Group group;
  private final NodeImpl node;
  private final HostParts host;
  private final Mailbox<Append> appends;
  private final Map<Long, String> leaders = new ConcurrentHashMap<>();

  GroupRequests(Group group, NodeImpl node, HostParts host) {
    this.group = group;
    this.node = node;
    this.host = host;
    this.appends = new Mailbox<>(
        QUEUE,
        MailboxThreads.shared().compute(),
        (append, sequence, last) -> handle(append),
        (failure, sequence, append) ->
            refuse(append.message().getCallId(), append.answers(), failure));
  }

  /** A request of jraft's; never waits. */
  void accept(RaftMessage message, Answers answers) {
    long callId = message.getCallId();
    if (MessageTypes.isAppend(message.getType())) {
      if (!appends.offer(new Append(message, answers))) {
        answers.refuse(callId, "group=" + group.id() + " is busy");
      }
      return;
    }
    guarded(callId, answers, () -> {
      Message request = parse(message);
      if (request instanceof InstallSnapshotRequest install) {
        host.installs()
            .execute(() -> guarded(callId, answers, () -> install(callId, install, answers)));
      } else {
        host.elections()
            .execute(() -> guarded(callId, answers, () -> elect(callId, request, answers)));
      }
    });
  }

  private static Message parse(RaftMessage message) {
    try {
      return MessageTypes.parse(message.getType(), message.getPayload());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("request cannot be read: " + e.getMessage(), e);
    }
  }

  private void handle(Append append) {
    long callId = append.message().getCallId();
    Message answer = node.handleAppendEntriesRequest(
        (AppendEntriesRequest) parse(append.message()),
        new RpcRequestClosure(
            new Reply(callId, append.answers()), AppendEntriesResponse.getDefaultInstance()));
    if (answer != null) {
      append.answers().answer(callId, answer);
    }
  }

  private void install(long callId, InstallSnapshotRequest request, Answers answers) {
    Message answer = node.handleInstallSnapshot(
        request,
        new RpcRequestClosure(
            new Reply(callId, answers), InstallSnapshotResponse.getDefaultInstance()));
    if (answer != null) {
      answers.answer(callId, answer);
    }
  }

  private void elect(long callId, Message request, Answers answers) {
    Message answer;
    if (!group.hasBase()) {
      // It could help a candidate to win that lacks what the replica it stands in for had.
      answers.refuse(callId, "group=" + group.id() + " is empty here and does not vote");
      return;
    }
    if (request instanceof RequestVoteRequest vote) {
      answer =
          vote.getPreVote() ? node.handlePreVoteRequest(vote) : node.handleRequestVoteRequest(vote);
    } else if (request instanceof TimeoutNowRequest now) {
      answer = node.handleTimeoutNowRequest(
          now,
          new RpcRequestClosure(
              new Reply(callId, answers), TimeoutNowResponse.getDefaultInstance()));
    } else {
      throw new IllegalStateException("nobody handles " + request.getClass().getName());
    }
    if (answer != null) {
      answers.answer(callId, answer);
    }
  }

  /** A heartbeat; takes the node's lock, but does no more than look. */
  PulseAnswer pulse(Pulse pulse, long fromStore) {
    AppendEntriesRequest request = AppendEntriesRequest.newBuilder()
        .setGroupId(node.getGroupId())
        .setServerId(leader(fromStore, pulse.getFromReplica()))
        .setPeerId(group.peer().toString())
        .setTerm(pulse.getTerm())
        .setPrevLogIndex(pulse.getPreviousIndex())
        .setPrevLogTerm(pulse.getPreviousTerm())
        .setCommittedIndex(pulse.getCommittedIndex())
        .build();
    Message answer = node.handleAppendEntriesRequest(
        request,
        new RpcRequestClosure(Unanswered.INSTANCE, AppendEntriesResponse.getDefaultInstance()));
    return toAnswer(pulse.getCallId(), answer);
  }

  static PulseAnswer refused(long callId, String why) {
    return PulseAnswer.newBuilder().setCallId(callId).setFailure(why).build();
  }

  private static PulseAnswer toAnswer(long callId, @Nullable Message answer) {
    if (answer instanceof ErrorResponse error) {
      return refused(callId, "refused: " + error.getErrorMsg());
    }
    if (!(answer instanceof AppendEntriesResponse response)) {
      return refused(callId, "no answer");
    }
    PulseAnswer.Builder built = PulseAnswer.newBuilder()
        .setCallId(callId)
        .setSuccess(response.getSuccess())
        .setTerm(response.getTerm());
    if (response.hasLastLogIndex()) {
      built.setLastIndex(response.getLastLogIndex());
    }
    return built.build();
  }

  private String leader(long store, long replica) {
    return leaders.computeIfAbsent(
        replica, id -> group.peers().toPeer(new ReplicaId(store, id)).toString());
  }

  private void guarded(long callId, Answers answers, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      refuse(callId, answers, e);
    }
  }

  private void refuse(long callId, Answers answers, Throwable failure) {
    log.warn("group={} request failed", group.id(), failure);
    answers.refuse(callId, "group=" + group.id() + ": " + failure);
  }

  /** Where jraft sends an answer later. */
  private record Reply(long callId, Answers answers) implements RpcContext {
    @Override
    public void sendResponse(Object response) {
      answers.answer(callId, (Message) response);
    }

    @Override
    public Connection getConnection() {
      throw new UnsupportedOperationException("our streams are shared by all groups");
    }

    @Override
    public String getRemoteAddress() {
      return "peer";
    }
  }
}
