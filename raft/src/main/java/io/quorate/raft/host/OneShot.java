package io.quorate.raft.host;

import com.alipay.sofa.jraft.util.timer.Timeout;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A task set to run once. Whether it runs or is cancelled is decided in one place, because jraft acts on the answer of {@link
 * #cancel}. Any thread.
 */
final class OneShot implements ScheduledFuture<Object>, Runnable {
  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int CANCELLED = 2;

  private final Runnable task;
  private final AtomicInteger state = new AtomicInteger(WAITING);
  private volatile @Nullable Timeout timeout;

  OneShot(Runnable task) {
    this.task = task;
  }

  void arm(Timeout set) {
    timeout = set;
  }

  @Override
  public void run() {
    if (state.compareAndSet(WAITING, RUNNING)) {
      task.run();
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!state.compareAndSet(WAITING, CANCELLED)) {
      return false;
    }
    Timeout set = timeout;
    if (set != null) {
      set.cancel();
    }
    return true;
  }

  @Override
  public boolean isCancelled() {
    return state.get() == CANCELLED;
  }

  @Override
  public boolean isDone() {
    return state.get() != WAITING;
  }

  @Override
  public Object get() {
    throw new UnsupportedOperationException("a timer has no result");
  }

  @Override
  public Object get(long time, TimeUnit unit) {
    throw new UnsupportedOperationException("a timer has no result");
  }

  @Override
  public long getDelay(TimeUnit unit) {
    throw new UnsupportedOperationException("a timer keeps no delay");
  }

  @Override
  public int compareTo(Delayed other) {
    throw new UnsupportedOperationException("a timer keeps no delay");
  }
}
