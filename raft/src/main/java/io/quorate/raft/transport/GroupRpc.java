package io.quorate.raft.transport;

import com.alipay.sofa.jraft.util.Endpoint;
import java.util.concurrent.Executor;

/** What a group's jraft options must also say, so that jraft's calls find their host's transport. */
public interface GroupRpc {
  RaftTransport transport();

  long group();

  /** Where answers to votes go: they start elections, which wait for the disk. */
  Executor elections();

  /** The store behind one of the endpoints that name this cluster's stores. */
  long store(Endpoint endpoint);
}
