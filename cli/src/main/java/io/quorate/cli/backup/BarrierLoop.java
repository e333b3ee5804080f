package io.quorate.cli.backup;

import io.quorate.client.backup.BackupException;
import io.quorate.client.placement.HistoryClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.proto.PlacementError;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Holds a barrier as long as it is open. Thread: one of its own renews it. */
final class BarrierLoop implements AutoCloseable {
  private static final Duration TTL = Duration.ofSeconds(60);
  private static final Duration RENEW_EVERY = Duration.ofSeconds(15);

  private final HistoryClient history;
  private final String name;
  private final long revision;
  private final ScheduledExecutorService thread;
  private volatile @Nullable String lost;

  /** Holds the newest revision. */
  BarrierLoop(HistoryClient history, String what) {
    this.history = history;
    this.name = what + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    this.revision = history.hold(name, "quorate " + what, 0, TTL).join();
    this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread made = new Thread(task, "barrier");
      made.setDaemon(true);
      return made;
    });
    long every = RENEW_EVERY.toMillis();
    var unused = thread.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
  }

  long revision() {
    return revision;
  }

  private void renew() {
    try {
      history.renew(name).join();
    } catch (CompletionException e) {
      // What is not answered is tried again; the regions refuse if it was too late.
      if (e.getCause() instanceof PlacementException refused
          && refused.code() == PlacementError.Code.STALE) {
        lost = refused.getMessage();
      }
    }
  }

  /** Fails once the barrier is lost. */
  void check() {
    String why = lost;
    if (why != null) {
      throw new BackupException("the past was not held long enough: " + why);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      history.release(name).join();
    } catch (CompletionException e) {
      // It ends by itself.
      lost = String.valueOf(e.getMessage());
    }
  }
}
