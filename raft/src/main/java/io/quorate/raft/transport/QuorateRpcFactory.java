package io.quorate.raft.transport;

import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcFactory;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.rpc.RpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;
import org.jspecify.annotations.Nullable;

/**
 * Puts our transport in the place of Bolt; found by jraft's service loader, one per process, without state: a client learns
 * from its group's options which host it belongs to.
 */
@SPI(name = "quorate", priority = 100)
public final class QuorateRpcFactory implements RaftRpcFactory {
  @Override
  public void registerProtobufSerializer(String className, Object... args) {
    // The table of MessageTypes says what travels.
  }

  @Override
  public @Nullable ConfigHelper<RpcClient> defaultJRaftClientConfigHelper(RpcOptions options) {
    return null;
  }

  @Override
  public RpcClient createRpcClient(@Nullable ConfigHelper<RpcClient> helper) {
    return new GroupRpcClient();
  }

  @Override
  public RpcServer createRpcServer(Endpoint endpoint, @Nullable ConfigHelper<RpcServer> helper) {
    throw new UnsupportedOperationException(
        "groups are served by the host's transport, not by a jraft server at " + endpoint);
  }
}
