package io.quorate.peers;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rpc.RpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** One Raft group with a replica on each store of this JVM, and a state machine that only answers. */
final class StockGroup {
  /** One store's RPC server and its directory. */
  record Store(PeerId peer, RpcServer server, Path directory) {}

  private final String name;
  private final List<RaftGroupService> replicas = new ArrayList<>();
  private final CountDownLatch elected;
  private final AtomicBoolean announced = new AtomicBoolean();
  private volatile Node leader;

  StockGroup(String name, CountDownLatch elected) {
    this.name = name;
    this.elected = elected;
  }

  /** Starts a replica on each store. */
  void start(List<Store> stores, boolean tuned, int electionTimeoutMillis) throws IOException {
    Configuration members = new Configuration(stores.stream().map(Store::peer).toList());
    for (Store store : stores) {
      Replica replica = new Replica(replicas.size());
      NodeOptions options =
          options(Files.createDirectories(store.directory().resolve(name)), tuned);
      options.setElectionTimeoutMs(electionTimeoutMillis);
      options.setInitialConf(members);
      options.setFsm(replica);
      replicas.add(new RaftGroupService(name, store.peer(), options, store.server(), true));
    }
    for (RaftGroupService replica : replicas) {
      if (replica.start(false) == null) {
        throw new IllegalStateException(
            "group " + name + " did not start on " + replica.getServerId());
      }
    }
  }

  /** The replica that last became leader, or null. */
  Node leader() {
    return leader;
  }

  void shutdown() {
    replicas.forEach(RaftGroupService::shutdown);
  }

  void awaitShutdown() throws InterruptedException {
    for (RaftGroupService replica : replicas) {
      replica.join();
    }
  }

  private static NodeOptions options(Path directory, boolean tuned) {
    RaftOptions raft = new RaftOptions();
    raft.setSync(true);
    raft.setSyncMeta(true);
    NodeOptions options = new NodeOptions();
    options.setRaftOptions(raft);
    options.setLogUri(directory.resolve("log").toString());
    options.setRaftMetaUri(directory.resolve("meta").toString());
    // No snapshots: neither directory nor timer.
    options.setSnapshotIntervalSecs(0);
    if (tuned) {
      options.setSharedElectionTimer(true);
      options.setSharedVoteTimer(true);
      options.setSharedStepDownTimer(true);
      options.setSharedSnapshotTimer(true);
      options.setSharedTimerPool(true);
      options.setRpcProcessorThreadPoolSize(1);
      raft.setDisruptorBufferSize(1024);
    }
    return options;
  }

  /** Answers each proposal once it is applied. Thread: the replica's apply thread. */
  private final class Replica extends StateMachineAdapter {
    private final int number;

    Replica(int number) {
      this.number = number;
    }

    @Override
    public void onApply(Iterator entries) {
      while (entries.hasNext()) {
        Closure done = entries.done();
        if (done != null) {
          done.run(Status.OK());
        }
        entries.next();
      }
    }

    @Override
    public void onLeaderStart(long term) {
      leader = replicas.get(number).getRaftNode();
      if (announced.compareAndSet(false, true)) {
        elected.countDown();
      }
    }
  }
}
