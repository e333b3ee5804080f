package io.quorate.raft.mailbox;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** Keeps what it is given until told to run it. */
final class SimExecutor implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  int waiting() {
    return tasks.size();
  }

  void runOne() {
    tasks.remove().run();
  }

  void runAll() {
    while (!tasks.isEmpty()) {
      runOne();
    }
  }
}
