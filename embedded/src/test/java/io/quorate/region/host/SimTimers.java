package io.quorate.region.host;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Pauses of a process on virtual time. Short ones are drawn anew, so that what a client draws by itself does not matter. */
final class SimTimers implements Executor {
  private static final long PAUSE_MAX_NANOS = 1_000_000_000;

  private final SimProcess process;

  SimTimers(SimProcess process) {
    this.process = process;
  }

  /** May be cancelled. */
  CompletableFuture<Void> pause(long nanos) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    long virtual =
        nanos < PAUSE_MAX_NANOS ? process.scheduler().pick(1_000_000, 100_000_000) : nanos;
    process.after(virtual, () -> over.complete(null));
    return over;
  }

  @Override
  public void execute(Runnable task) {
    process.scheduler().execute(() -> process.run(task));
  }
}
