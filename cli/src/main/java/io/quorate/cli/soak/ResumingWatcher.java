package io.quorate.cli.soak;

import io.quorate.client.QuorateClient;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A watcher that goes away after some updates and comes back, on another client perhaps, behind the last revision it was told of; a lazy one
 * takes its time. Owned by a soak; told on clients' callback threads.
 */
final class ResumingWatcher implements AutoCloseable {
  private static final int MAX_UPDATES = 100;
  private static final long LAZY_NANOS_MAX = 20_000_000;
  /** A lazy one takes nothing for so long after one in so many updates: then there is no room for what comes. */
  private static final long ASLEEP_NANOS = 2_000_000_000;

  private static final int ASLEEP_SHARE = 100;

  private final List<QuorateClient> clients;
  private final KeyRange range;
  private final WatchOptions options;
  private final WatchedRecord record;
  private final AtomicLong resumes;
  private final boolean lazy;
  private final Random random;

  // Guarded by this.
  private @Nullable Watch watch;
  private int generation;
  private int left;
  private boolean closed;
  private @Nullable String failure;

  ResumingWatcher(
      List<QuorateClient> clients,
      KeyRange range,
      WatchOptions options,
      WatchedRecord record,
      AtomicLong resumes,
      boolean lazy,
      long seed) {
    this.clients = clients;
    this.range = range;
    this.options = options;
    this.record = record;
    this.resumes = resumes;
    this.lazy = lazy;
    this.random = new Random(seed);
  }

  KeyRange range() {
    return range;
  }

  WatchedRecord record() {
    return record;
  }

  synchronized void open() {
    if (closed) {
      return;
    }
    int mine = ++generation;
    left = 1 + random.nextInt(MAX_UPDATES);
    QuorateClient client = clients.get(random.nextInt(clients.size()));
    watch = client.watch(range, options.from(record.frontier() + 1), new WatchListener() {
      @Override
      public void onUpdate(WatchUpdate update) {
        heard(mine, update);
      }

      @Override
      public void onEnd(Throwable why) {
        failed(mine, why);
      }
    });
  }

  private void heard(int from, WatchUpdate update) {
    if (lazy) {
      doze();
    }
    synchronized (this) {
      // What an earlier one still says after it was closed will be said again.
      if (from != generation || closed) {
        return;
      }
      record.take(update);
      Watch open = watch;
      if (--left == 0 && open != null) {
        open.close();
        resumes.incrementAndGet();
        open();
      }
    }
  }

  private void doze() {
    long until = System.nanoTime()
        + (random.nextInt(ASLEEP_SHARE) == 0 ? ASLEEP_NANOS : random.nextLong(LAZY_NANOS_MAX));
    for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private synchronized void failed(int from, Throwable why) {
    if (from == generation && !closed) {
      failure = record.name() + " ended: " + why;
    }
  }

  /** Has it tell how far it is. */
  synchronized void nudge() {
    Watch open = watch;
    if (open != null) {
      open.requestProgress();
    }
  }

  synchronized @Nullable String failure() {
    return failure;
  }

  @Override
  public synchronized void close() {
    closed = true;
    Watch open = watch;
    if (open != null) {
      open.close();
    }
  }
}
