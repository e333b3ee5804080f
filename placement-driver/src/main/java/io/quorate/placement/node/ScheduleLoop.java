package io.quorate.placement.node;

import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only timer of planning: a round, a pause, a round; pauses grow while there is nothing to do (pd, scheduler.GetInterval).
 * Owned by the node; one thread.
 */
final class ScheduleLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleLoop.class);
  private static final double GROWTH = 1.3;
  private static final long STOP_MILLIS = 2_000;

  private final ScheduleHost host;
  private final long shortestMillis;
  private final long longestMillis;
  private final ScheduledExecutorService thread;
  private long pauseMillis;

  ScheduleLoop(long memberId, ScheduleHost host, Limits limits) {
    this.host = host;
    shortestMillis = limits.time(Setting.PATROL_REGION_INTERVAL).toMillis();
    longestMillis =
        Math.max(shortestMillis, limits.time(Setting.MAX_SCHEDULE_INTERVAL).toMillis());
    pauseMillis = shortestMillis;
    thread = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread made = new Thread(task, "pd-" + memberId + "-schedule");
      made.setDaemon(true);
      return made;
    });
  }

  void start() {
    next();
  }

  private void next() {
    try {
      var unused = thread.schedule(this::round, pauseMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("no more planning: this PD stops");
    }
  }

  private void round() {
    boolean work = false;
    try {
      work = host.round();
    } catch (RuntimeException e) {
      // The top of the thread: one bad round must not end all later ones.
      LOG.error("a round of planning failed; it goes on with the next", e);
    }
    pauseMillis =
        work ? shortestMillis : Math.min(longestMillis, (long) Math.ceil(pauseMillis * GROWTH));
    next();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.warn("a round of planning is still under way after {} ms", STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
