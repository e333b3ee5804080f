package io.quorate.raft.host;

import com.alipay.sofa.jraft.rpc.RpcUtils;
import com.alipay.sofa.jraft.util.ThreadPoolsFactory;
import com.alipay.sofa.jraft.util.Utils;
import io.quorate.raft.mailbox.Following;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the work that jraft gives to its own process-wide pools. These hand over without a queue and throw once their
 * 64 or 100 threads are busy, from places that cannot bear it: a heartbeat timer that is never set again, an append that
 * never reaches the disk. They are shut down, and what they then refuse runs here, first in first out, on few threads that
 * go away when idle.
 */
final class JraftThreads {
  private static final Logger log = LoggerFactory.getLogger(JraftThreads.class);
  private static final int THREADS = 16;

  /** What the current thread was given while it runs timers: done by itself afterwards, when it holds no lock. */
  private static final ThreadLocal<@Nullable Deque<Runnable>> AFTERWARDS = new ThreadLocal<>();

  private static final Executor CALLBACKS = new ForkJoinPool(
      THREADS,
      pool -> {
        ForkJoinWorkerThread thread =
            ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("raft-callback-" + thread.getPoolIndex());
        return thread;
      },
      (thread, failure) -> log.error("{} failed", thread, failure),
      true);

  private static boolean adopted;

  private JraftThreads() {}

  /** Once per process; called before the first node is made. */
  static synchronized void adopt() {
    if (adopted) {
      return;
    }
    adopt(JraftFields.pool(RpcUtils.class, "RPC_CLOSURE_EXECUTOR"));
    adopt(JraftFields.pool(Utils.class, "CLOSURE_EXECUTOR"));
    String factory = ThreadPoolsFactory.class.getName();
    adopt(JraftFields.pool(factory + "$GlobalThreadPoolHolder", "INSTANCE"));
    adopt(JraftFields.pool(factory + "$InternalClosureExecutorHolder", "INSTANCE"));
    adopted = true;
  }

  private static void adopt(ThreadPoolExecutor theirs) {
    theirs.setRejectedExecutionHandler((task, pool) -> take(task));
    theirs.shutdown();
  }

  private static void take(Runnable task) {
    Deque<Runnable> afterwards = AFTERWARDS.get();
    if (afterwards != null) {
      afterwards.add(task);
    } else if (!Following.takesCallback(task, CALLBACKS)) {
      CALLBACKS.execute(task);
    }
  }

  /** Runs the task, then on the same thread what it gave to jraft's pools: saves a heartbeat its second hop. */
  static void runWithAftermath(Runnable task) {
    Deque<Runnable> afterwards = new ArrayDeque<>(2);
    AFTERWARDS.set(afterwards);
    try {
      task.run();
    } finally {
      AFTERWARDS.remove();
      for (Runnable next = afterwards.poll(); next != null; next = afterwards.poll()) {
        next.run();
      }
    }
  }

  static Executor callbacks() {
    return CALLBACKS;
  }
}
