package io.quorate.raft.host;

import com.alipay.sofa.jraft.core.Scheduler;
import com.alipay.sofa.jraft.util.timer.HashedWheelTimer;
import com.alipay.sofa.jraft.util.timer.Timeout;
import com.alipay.sofa.jraft.util.timer.Timer;
import com.alipay.sofa.jraft.util.timer.TimerTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All timers of one host's groups: one wheel, one thread that only says what is due. Owned by the host; set from any thread.
 *
 * <p>What is due runs on shared threads, all that came due together as one task: heartbeats of many groups cost one wake-up
 * and leave in one frame. For the same reason their delays are rounded to a common beat.
 */
final class HostTimers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostTimers.class);
  private static final int TICK_MILLIS = 10;
  private static final int WHEEL = 512;
  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** jraft asks for timers without saying for whom: the host says so while it starts a node on this thread. */
  private static final ThreadLocal<@Nullable HostTimers> STARTING = new ThreadLocal<>();

  private final HashedWheelTimer wheel;
  private final Due beats;
  private volatile boolean closed;
  private final Due elections;

  HostTimers(long store, Executor beatExecutor, Executor electionExecutor) {
    this.wheel = new HashedWheelTimer(
        task -> {
          Thread thread = new Thread(task, "raft-timer-s" + store);
          thread.setDaemon(true);
          return thread;
        },
        TICK_MILLIS,
        TimeUnit.MILLISECONDS,
        WHEEL);
    this.beats = new Due(beatExecutor, 64);
    // They may wait for the disk, one behind the other.
    this.elections = new Due(electionExecutor, 4);
  }

  static @Nullable HostTimers starting() {
    return STARTING.get();
  }

  /** Runs the start of a node whose timers shall be these. */
  void whileStarting(Runnable start) {
    STARTING.set(this);
    try {
      start.run();
    } finally {
      STARTING.remove();
    }
  }

  Timer electionTimer() {
    return new ElectionTimer();
  }

  Scheduler scheduler() {
    return new BeatScheduler();
  }

  /** Runs the task every so often on the timer's thread until the host closes; it must not block. */
  void every(long millis, Runnable task) {
    arm(
        timeout -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            log.error("a periodic task failed", e);
          }
          every(millis, task);
        },
        millis);
  }

  /** Runs the task once on the election threads. */
  void later(long millis, Runnable task) {
    arm(timeout -> elections.add(task), millis);
  }

  /** Does nothing once the host closes: streams that end late still ask for elections. */
  private void arm(TimerTask task, long millis) {
    if (closed) {
      return;
    }
    try {
      wheel.newTimeout(task, millis, TimeUnit.MILLISECONDS);
    } catch (IllegalStateException stopped) {
      if (!closed) {
        throw stopped;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    wheel.stop();
  }

  /** Tasks that came due; run in portions on an executor. */
  private static final class Due {
    private final Executor executor;
    private final int portion;
    private final ReentrantLock lock = new ReentrantLock();
    private List<Runnable> tasks = new ArrayList<>();

    Due(Executor executor, int portion) {
      this.executor = executor;
      this.portion = portion;
    }

    void add(Runnable task) {
      boolean first;
      lock.lock();
      try {
        if (tasks.size() >= portion) {
          tasks = new ArrayList<>();
        }
        List<Runnable> batch = tasks;
        first = batch.isEmpty();
        batch.add(task);
        if (first) {
          executor.execute(() -> run(batch));
        }
      } finally {
        lock.unlock();
      }
    }

    private void run(List<Runnable> batch) {
      lock.lock();
      try {
        if (tasks == batch) {
          tasks = new ArrayList<>();
        }
      } finally {
        lock.unlock();
      }
      for (Runnable task : batch) {
        try {
          JraftThreads.runWithAftermath(task);
        } catch (RuntimeException e) {
          log.error("a timer of jraft failed", e);
        }
      }
    }
  }

  /** jraft's election, vote and step-down timers; the wheel outlives them. */
  private final class ElectionTimer implements Timer {
    @Override
    public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
      return wheel.newTimeout(timeout -> elections.add(() -> run(task, timeout)), delay, unit);
    }

    private void run(TimerTask task, Timeout timeout) {
      try {
        task.run(timeout);
      } catch (Exception e) {
        log.error("an election timer failed", e);
      }
    }

    @Override
    public Set<Timeout> stop() {
      return Set.of();
    }
  }

  /** jraft's heartbeats and other one-shot tasks. */
  private final class BeatScheduler implements Scheduler {
    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      OneShot shot = new OneShot(command);
      long nanos = unit.toNanos(Math.max(0, delay));
      if (nanos > 2 * BEAT_NANOS) {
        long now = System.nanoTime();
        long due = now + nanos;
        nanos = due - Math.floorMod(due, BEAT_NANOS) - now;
      }
      shot.arm(wheel.newTimeout(timeout -> beats.add(shot), nanos, TimeUnit.NANOSECONDS));
      return shot;
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable command, long initialDelay, long period, TimeUnit unit) {
      throw new UnsupportedOperationException("jraft's nodes have no periodic tasks");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("jraft's nodes have no periodic tasks");
    }

    @Override
    public void shutdown() {
      // Belongs to all groups of the host.
    }
  }
}
