package io.quorate.peers;

import com.alipay.remoting.rpc.RpcServer;
import com.alipay.sofa.jraft.rpc.impl.BoltRaftRpcFactory;
import com.alipay.sofa.jraft.rpc.impl.BoltRpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import com.alipay.sofa.jraft.util.SPI;

/** Bolt as jraft ships it, but listening on the endpoint's own address where the stock factory takes all addresses. */
@SPI(priority = 10)
public final class LoopbackBoltRpcFactory extends BoltRaftRpcFactory {
  @Override
  public com.alipay.sofa.jraft.rpc.RpcServer createRpcServer(
      Endpoint endpoint, ConfigHelper<com.alipay.sofa.jraft.rpc.RpcServer> helper) {
    BoltRpcServer server =
        new BoltRpcServer(new RpcServer(endpoint.getIp(), endpoint.getPort(), true));
    if (helper != null) {
      helper.config(server);
    }
    return server;
  }
}
