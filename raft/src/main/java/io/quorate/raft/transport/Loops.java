package io.quorate.raft.transport;

import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Finds the event loop of a connection: callbacks of a call without an executor of its own run on it. No state. */
final class Loops {
  private Loops() {}

  /** The loop that this thread runs; null if it runs none, as in another transport than netty's. */
  static @Nullable Executor ofThisThread() {
    return ThreadExecutorMap.currentExecutor();
  }
}
