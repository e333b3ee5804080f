package io.quorate.raft.host;

import com.alipay.sofa.jraft.rpc.Connection;
import com.alipay.sofa.jraft.rpc.RpcContext;

/** For requests we make of our own node, whose answer nobody waits for. */
enum Unanswered implements RpcContext {
  INSTANCE;

  @Override
  public void sendResponse(Object response) {}

  @Override
  public Connection getConnection() {
    throw new UnsupportedOperationException("our streams are shared by all groups");
  }

  @Override
  public String getRemoteAddress() {
    return "self";
  }
}
