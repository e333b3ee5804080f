package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.core.ReadOnlyServiceImpl;
import com.alipay.sofa.jraft.core.Replicator;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcUtils;
import com.alipay.sofa.jraft.util.JRaftServiceLoader;
import com.alipay.sofa.jraft.util.ThreadPoolsFactory;
import com.alipay.sofa.jraft.util.Utils;
import com.alipay.sofa.jraft.util.timer.RaftTimerFactory;
import io.quorate.raft.transport.QuorateRpcFactory;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Fails by name when an update of jraft moves a private part that we reach for. */
class JraftFieldsTest {
  @Test
  void nodeStillHasThePartsWeRead() {
    assertThat(fields(NodeImpl.class))
        .contains(
            "ballotBox",
            "logManager",
            "fsmCaller",
            "replicatorGroup",
            "readOnlyService",
            "electionTimer");
    assertThat(fields(Replicator.class)).contains("hasSucceeded");
    assertThat(Arrays.stream(NodeImpl.class.getDeclaredMethods()).map(Method::getName))
        .contains("unsafeRegisterConfChange");
    assertThat(fields(ReadOnlyServiceImpl.class)).contains("scheduledExecutorService");
  }

  @Test
  void processWidePoolsAreStillWhereWeTakeThemOver() {
    assertThat(JraftFields.pool(RpcUtils.class, "RPC_CLOSURE_EXECUTOR")).isNotNull();
    assertThat(JraftFields.pool(Utils.class, "CLOSURE_EXECUTOR")).isNotNull();
    String factory = ThreadPoolsFactory.class.getName();
    assertThat(JraftFields.pool(factory + "$GlobalThreadPoolHolder", "INSTANCE"))
        .isNotNull();
    assertThat(JraftFields.pool(factory + "$InternalClosureExecutorHolder", "INSTANCE"))
        .isNotNull();
  }

  @Test
  void whatJraftGivesToItsPoolsRunsOnOurs() throws Exception {
    JraftThreads.adopt();
    var name = new CompletableFuture<String>();
    var task = RpcUtils.runInThread(() -> name.complete(Thread.currentThread().getName()));
    assertThat(task).isNotNull();
    assertThat(name.get(60, TimeUnit.SECONDS)).startsWith("raft-callback-");
  }

  @Test
  void ourServicesGoBeforeJraftsOwn() {
    assertThat(JRaftServiceLoader.load(RaftRpcFactory.class).first())
        .isInstanceOf(QuorateRpcFactory.class);
    assertThat(JRaftServiceLoader.load(RaftTimerFactory.class).first())
        .isInstanceOf(QuorateTimerFactory.class);
  }

  private static List<String> fields(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields()).map(field -> field.getName()).toList();
  }
}
