package io.quorate.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs something that serves until the process is told to stop. Thread: main; stops on the JVM's shutdown thread. */
final class ProcessLoop {
  private final PrintWriter out;

  ProcessLoop(PrintWriter out) {
    this.out = out;
  }

  /**
   * Starts it, says that it is ready, and waits for SIGTERM or SIGINT; closes it cleanly then.
   *
   * @param ready says in one line what serves where
   */
  <T extends AutoCloseable> int run(String what, Supplier<T> start, Function<T, String> ready) {
    T running = start.get();
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(
        () -> {
          try {
            running.close();
          } catch (Exception e) {
            out.println("quorate: " + what + " did not stop cleanly: " + e);
          } finally {
            stopped.countDown();
          }
        },
        "quorate-stop"));
    out.println(ready.apply(running) + "; ready");
    out.flush();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.OK;
  }
}
