package io.quorate.region.host;

import io.quorate.raft.sim.SimScheduler;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Timers on virtual time. Short pauses are drawn anew, so that what a client draws by itself does not matter; nothing happens any more
 * once the client is dead.
 */
final class SimTimers extends AbstractExecutorService implements ScheduledExecutorService {
  private static final long PAUSE_MAX_NANOS = 1_000_000_000;

  private final SimScheduler scheduler;
  private final BooleanSupplier alive;

  SimTimers(SimScheduler scheduler, BooleanSupplier alive) {
    this.scheduler = scheduler;
    this.alive = alive;
  }

  /** A task that may be called off. */
  private static final class Timer<V> extends CompletableFuture<V> implements ScheduledFuture<V> {
    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Timer<Boolean> timer = new Timer<>();
    long nanos = unit.toNanos(delay);
    long virtual = nanos < PAUSE_MAX_NANOS ? scheduler.pick(1_000_000, 100_000_000) : nanos;
    scheduler.after(virtual, () -> {
      if (!timer.isDone() && alive.getAsBoolean()) {
        timer.complete(true);
        task.run();
      }
    });
    return timer;
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    Timer<V> timer = new Timer<>();
    var unused = schedule(
        () -> {
          try {
            timer.complete(task.call());
          } catch (Exception e) {
            timer.completeExceptionally(e);
          }
        },
        delay,
        unit);
    return timer;
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long first, long period, TimeUnit unit) {
    Timer<Boolean> timer = new Timer<>();
    again(timer, task, unit.toNanos(first), unit.toNanos(period));
    return timer;
  }

  private void again(Timer<Boolean> timer, Runnable task, long nanos, long period) {
    scheduler.after(nanos, () -> {
      if (!timer.isDone() && alive.getAsBoolean()) {
        task.run();
        again(timer, task, period, period);
      }
    });
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long first, long period, TimeUnit unit) {
    return scheduleAtFixedRate(task, first, period, unit);
  }

  @Override
  public void execute(Runnable task) {
    scheduler.execute(() -> {
      if (alive.getAsBoolean()) {
        task.run();
      }
    });
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
