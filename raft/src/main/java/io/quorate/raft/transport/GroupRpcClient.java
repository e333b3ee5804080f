package io.quorate.raft.transport;

import com.alipay.sofa.jraft.ReplicatorGroup;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.InvokeContext;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.GetFileRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.InstallSnapshotRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.RequestVoteRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.util.Endpoint;
import com.google.protobuf.Message;
import io.quorate.proto.Pulse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * jraft's way out of one group; owned by the group's node. Any thread; callbacks never run on the caller's thread, because
 * jraft calls under its locks.
 */
final class GroupRpcClient implements RpcClient {
  private static final Logger log = LoggerFactory.getLogger(GroupRpcClient.class);

  private final Map<Endpoint, PeerLink> links = new ConcurrentHashMap<>();
  private final Map<String, Long> replicas = new ConcurrentHashMap<>();
  private @Nullable GroupRpc options;

  @Override
  public boolean init(RpcOptions given) {
    if (!(given instanceof GroupRpc rpc)) {
      throw new IllegalStateException(
          "this jraft carries Quorate's transport and runs only nodes of its RaftHost");
    }
    options = rpc;
    return true;
  }

  @Override
  public void shutdown() {
    links.clear();
  }

  /** Always: a call over a broken stream fails by itself, and jraft tries again. */
  @Override
  public boolean checkConnection(Endpoint endpoint) {
    return true;
  }

  @Override
  public boolean checkConnection(Endpoint endpoint, boolean createIfAbsent) {
    return true;
  }

  @Override
  public void closeConnection(Endpoint endpoint) {
    // The stream belongs to all groups.
  }

  @Override
  public void registerConnectEventListener(ReplicatorGroup replicatorGroup) {
    // Replicators find out by their calls.
  }

  @Override
  public Object invokeSync(
      Endpoint endpoint, Object request, @Nullable InvokeContext context, long timeoutMs) {
    // jraft pings before it connects; our streams connect by themselves.
    return ErrorResponse.newBuilder().setErrorCode(0).build();
  }

  @Override
  public void invokeAsync(
      Endpoint endpoint,
      Object request,
      @Nullable InvokeContext context,
      InvokeCallback callback,
      long timeoutMs) {
    GroupRpc rpc = options;
    if (rpc == null) {
      throw new IllegalStateException("not initialized");
    }
    PeerLink link = links.computeIfAbsent(endpoint, to -> rpc.transport().link(rpc.store(to)));
    if (request instanceof AppendEntriesRequest append
        && append.getEntriesCount() == 0
        && !append.hasData()) {
      link.pulse(pulse(rpc, append), callback, timeoutMs);
      return;
    }
    Message message = (Message) request;
    InvokeCallback answered = request instanceof RequestVoteRequest
        ? (result, failure) -> elect(rpc, () -> callback.complete(result, failure))
        : callback;
    link.call(rpc.group(), replica(addressee(message)), message, answered, timeoutMs);
  }

  /** A vote that comes in while the host closes elects nobody. */
  private static void elect(GroupRpc rpc, Runnable counting) {
    try {
      rpc.elections().execute(counting);
    } catch (RejectedExecutionException closing) {
      log.debug("group={} a vote came in while the host closes", rpc.group());
    }
  }

  private Pulse.Builder pulse(GroupRpc rpc, AppendEntriesRequest append) {
    return Pulse.newBuilder()
        .setGroupId(rpc.group())
        .setFromReplica(replica(append.getServerId()))
        .setToReplica(replica(append.getPeerId()))
        .setTerm(append.getTerm())
        .setCommittedIndex(append.getCommittedIndex())
        .setPreviousIndex(append.getPrevLogIndex())
        .setPreviousTerm(append.getPrevLogTerm());
  }

  private long replica(String peer) {
    return peer.isEmpty() ? 0 : replicas.computeIfAbsent(peer, GroupRpcClient::parse);
  }

  private static Long parse(String text) {
    PeerId peer = PeerId.parsePeer(text);
    if (peer == null) {
      throw new IllegalStateException("not a peer: " + text);
    }
    return (long) peer.getIdx();
  }

  private static String addressee(Message request) {
    if (request instanceof AppendEntriesRequest append) {
      return append.getPeerId();
    }
    if (request instanceof RequestVoteRequest vote) {
      return vote.getPeerId();
    }
    if (request instanceof TimeoutNowRequest now) {
      return now.getPeerId();
    }
    if (request instanceof InstallSnapshotRequest install) {
      return install.getPeerId();
    }
    if (request instanceof GetFileRequest) {
      // Goes to whoever holds the snapshot under the reader's number.
      return "";
    }
    throw new IllegalStateException("jraft sent " + request.getClass().getName());
  }
}
