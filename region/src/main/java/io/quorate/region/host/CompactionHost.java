package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.region.history.HistoryLoop;
import io.quorate.region.storage.SharedStore;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the files of a range rewritten without what was removed from it, one range at a time. Owned by the engine. Thread: one of
 * its own.
 */
final class CompactionHost implements HistoryLoop.Compactor, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CompactionHost.class);
  private static final int CLOSE_SECONDS = 60;

  private final SharedStore store;
  private final ExecutorService thread;
  private final AtomicBoolean busy = new AtomicBoolean();

  CompactionHost(SharedStore store) {
    this.store = store;
    this.thread = Executors.newSingleThreadExecutor(runnable -> {
      Thread made = new Thread(runnable, "region-compaction");
      made.setDaemon(true);
      return made;
    });
  }

  @Override
  public boolean begin(RegionDescriptor region) {
    if (!busy.compareAndSet(false, true)) {
      return false;
    }
    try {
      thread.execute(() -> run(region));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void run(RegionDescriptor region) {
    try {
      store.compact(region);
    } catch (IllegalStateException e) {
      // The top of the thread. The data are as they were; space comes back with a later one.
      log.warn("files of {} were not rewritten: {}", region, e.getMessage());
    } finally {
      busy.set(false);
    }
  }

  /** Breaks off what is under way; afterwards nothing of it touches the database. */
  @Override
  public void close() {
    thread.shutdown();
    store.stopCompactions();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("files are still being rewritten");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
