package io.quorate.raft.host;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.StateMachine;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.core.State;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.concurrent.FixedThreadsExecutorGroup;
import com.alipay.sofa.jraft.util.concurrent.SingleThreadExecutor;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SharedLogStorage;
import io.quorate.raft.storage.SharedMetaStorage;
import io.quorate.raft.transport.GroupRpc;
import io.quorate.raft.transport.RaftTransport;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A jraft node, put together from the host's parts; its options also lead jraft's calls to the host's transport. Owned by its
 * group; any thread.
 */
final class GroupNode extends NodeImpl {
  /** Ring sizes are soft capacities of mailboxes; nothing is allocated for them. */
  private static final int RING_FACTOR = 2;

  private static final int CATCHUP_MARGIN = 10;
  private static final int APPLY_BATCH = 256;

  GroupNode(String name, PeerId self) {
    super(name, self);
  }

  /** Runs the work as one step with what the node itself does. */
  void locked(Runnable work) {
    writeLock.lock();
    try {
      work.run();
    } finally {
      writeLock.unlock();
    }
  }

  /**
   * Begins to watch the leader, as a voter must: jraft starts the watch of a replica that was a learner when it started only at
   * its next change of term (NodeImpl.stepDown).
   */
  void watchLeader() {
    locked(() -> {
      if (getNodeState() == State.STATE_FOLLOWER) {
        JraftFields.electionTimer(this).start();
      }
    });
  }

  /** What a node works on. */
  record Stores(SharedLogStorage log, SharedMetaStorage meta, GroupSnapshots snapshots) {}

  /** Called once the node's stages exist and before anything is loaded or applied. */
  interface Stage {
    void built();
  }

  static NodeOptions options(
      RaftConfig config,
      long group,
      PeerIds peers,
      RaftTransport transport,
      Executor elections,
      Stores stores,
      StateMachine machine,
      Stage stage) {
    Options options = new Options(group, peers, transport, elections);
    int election = Math.toIntExact(config.electionTimeout().toMillis());
    options.setElectionTimeoutMs(election);
    options.setFsm(machine);
    options.setServiceFactory(new Services(stores, stage));
    options.setLogUri("shared");
    options.setRaftMetaUri("shared");
    options.setSnapshotUri("shared");
    options.setSnapshotIntervalSecs(0);
    options.setDisableCli(true);
    options.setEnableMetrics(false);
    options.setCatchupMargin(CATCHUP_MARGIN);
    options.setSharedElectionTimer(true);
    options.setSharedVoteTimer(true);
    options.setSharedStepDownTimer(true);
    options.setSharedSnapshotTimer(true);
    options.setSharedTimerPool(true);
    options.setRpcProcessorThreadPoolSize(1);
    options.setRpcDefaultTimeout(5 * election);
    options.setRpcInstallSnapshotTimeout(
        Math.toIntExact(config.snapshots().installTimeout().toMillis()));
    options.setAppendEntriesExecutors(NoExecutors.INSTANCE);
    RaftOptions raft = options.getRaftOptions();
    raft.setSync(true);
    raft.setSyncMeta(true);
    raft.setMaxElectionDelayMs(Math.toIntExact(config.maxElectionDelay().toMillis()));
    raft.setElectionHeartbeatFactor(
        Math.max(1, election / Math.toIntExact(config.heartbeat().toMillis())));
    raft.setMaxLogsInMemoryBytes(config.maxLogBytesInMemory());
    raft.setDisruptorBufferSize(RING_FACTOR * config.maxPendingProposals());
    raft.setApplyBatch(APPLY_BATCH);
    raft.setReplicatorPipeline(true);
    return options;
  }

  private static final class Options extends NodeOptions implements GroupRpc {
    private final long group;
    private final PeerIds peers;
    private final RaftTransport transport;
    private final Executor elections;

    Options(long group, PeerIds peers, RaftTransport transport, Executor elections) {
      this.group = group;
      this.peers = peers;
      this.transport = transport;
      this.elections = elections;
    }

    @Override
    public Executor elections() {
      return elections;
    }

    @Override
    public RaftTransport transport() {
      return transport;
    }

    @Override
    public long group() {
      return group;
    }

    @Override
    public long store(Endpoint endpoint) {
      return peers.store(endpoint);
    }
  }

  private record Services(Stores stores, Stage stage) implements JRaftServiceFactory {
    @Override
    public LogStorage createLogStorage(String uri, RaftOptions options) {
      return stores.log();
    }

    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
      // jraft asks for it after its stages are made and before it loads and applies.
      stage.built();
      return stores.snapshots();
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions options) {
      return stores.meta();
    }

    @Override
    public LogEntryCodecFactory createLogEntryCodecFactory() {
      return LogEntryV2CodecFactory.getInstance();
    }
  }

  /** In the place of threads that jraft would start for answers; our transport brings answers on threads of its own. */
  private static final class NoExecutors
      implements FixedThreadsExecutorGroup, SingleThreadExecutor {
    static final NoExecutors INSTANCE = new NoExecutors();

    @Override
    public SingleThreadExecutor next() {
      return this;
    }

    @Override
    public void execute(int index, Runnable task) {
      execute(task);
    }

    @Override
    public void execute(Runnable task) {
      JraftThreads.callbacks().execute(task);
    }

    @Override
    public boolean shutdownGracefully() {
      return true;
    }

    @Override
    public boolean shutdownGracefully(long timeout, TimeUnit unit) {
      return true;
    }

    @Override
    public Iterator<SingleThreadExecutor> iterator() {
      return Collections.<SingleThreadExecutor>singleton(this).iterator();
    }
  }
}
