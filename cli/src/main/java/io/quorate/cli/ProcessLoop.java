package io.quorate.cli;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;

/** Runs something that serves until the process is told to stop. Thread: main; stops on the JVM's shutdown thread. */
final class ProcessLoop {
  private final PrintWriter out;
  private final PrintWriter err;

  ProcessLoop(CommandLine command) {
    this.out = command.getOut();
    this.err = command.getErr();
  }

  /** As the other, for what never fails as a whole. */
  <T extends AutoCloseable> int run(String what, Supplier<T> start, Function<T, String> ready) {
    return run(what, start, ready, running -> new CompletableFuture<>());
  }

  /**
   * Starts it, says that it is ready, and waits for SIGTERM or SIGINT, or until it fails; closes it cleanly then.
   *
   * @param ready says in one line what serves where
   * @param failure completes with the reason if it cannot go on
   */
  <T extends AutoCloseable> int run(
      String what,
      Supplier<T> start,
      Function<T, String> ready,
      Function<T, CompletableFuture<String>> failure) {
    T running = start.get();
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(what, running), "quorate-stop"));
    var unused = failure.apply(running).thenAccept(reason -> {
      err.println("quorate: " + what + " cannot go on: " + reason);
      err.flush();
      ended.complete(ExitCode.NOT_STARTED);
    });
    out.println(ready.apply(running) + "; ready");
    out.flush();
    return ended.join();
  }

  private void close(String what, AutoCloseable running) {
    try {
      running.close();
    } catch (Exception e) {
      // The top of the thread, and the last that the process does.
      err.println("quorate: " + what + " did not stop cleanly: " + e);
      err.flush();
    }
  }
}
