package io.quorate.raft.mailbox;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue whose events one handler gets one at a time, in order, on threads shared with all other mailboxes; owned by one
 * stage of one group. Idle, it holds no thread and next to no memory.
 *
 * <p>A drain stays on one thread and takes all that is at hand as one batch; after {@link #SLICE} events it goes to the end
 * of the executor's queue. Never makes a publisher wait.
 *
 * @param <E> an event, made for one publication
 */
public final class Mailbox<E> {
  /** Handles an event; the last of a batch says so. */
  public interface Handler<E> {
    void handle(E event, long sequence, boolean endOfBatch) throws Exception;
  }

  /** Told what a handler threw; the mailbox goes on. */
  public interface FailureHandler<E> {
    void failed(Throwable failure, long sequence, E event);
  }

  /** {@link #put} may exceed the capacity up to so many times. */
  static final int HARD_BOUND_FACTOR = 4;

  /** Events after which a drain lets other mailboxes have the thread. */
  static final int SLICE = 256;

  /** Arrays up to this length are kept for the next batch. */
  private static final int KEPT = 64;

  private static final int FIRST_ARRAY = 8;
  private static final long CLOSE_WAIT_SECONDS = 10;

  private final int capacity;
  private final Executor executor;
  private final Handler<E> handler;
  private final FailureHandler<E> failures;
  private final Runnable drain = this::drain;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private @Nullable Object @Nullable [] queue;
  private @Nullable Object @Nullable [] spare;
  private int queued;
  private int held;
  private boolean scheduled;
  private boolean closed;
  /** A copy of {@link #held} to read without the lock. */
  private volatile int depth;

  private volatile @Nullable Thread drainer;
  private long sequence;

  public Mailbox(int capacity, Executor executor, Handler<E> handler, FailureHandler<E> failures) {
    if (capacity < 1) {
      throw new IllegalArgumentException("mailbox capacity must be positive: " + capacity);
    }
    this.capacity = capacity;
    this.executor = executor;
    this.handler = handler;
    this.failures = failures;
  }

  public int capacity() {
    return capacity;
  }

  /** Room below the capacity, 0 when it is reached or exceeded. */
  public int remaining() {
    return Math.max(0, capacity - depth);
  }

  /** Takes the event, or answers false when the capacity is reached or the mailbox closed. */
  public boolean offer(E event) {
    lock.lock();
    try {
      return depth < capacity && add(event);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the event even beyond the capacity; dropped when closed.
   *
   * @throws IllegalStateException at {@link #HARD_BOUND_FACTOR} times the capacity
   */
  public void put(E event) {
    lock.lock();
    try {
      if (depth >= capacity * HARD_BOUND_FACTOR) {
        throw new IllegalStateException("mailbox holds " + depth + " events, " + HARD_BOUND_FACTOR
            + " times its capacity " + capacity);
      }
      add(event);
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more events and, unless called by its own handler, waits until those at hand are handled. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      long left = TimeUnit.SECONDS.toNanos(CLOSE_WAIT_SECONDS);
      while (scheduled && drainer != Thread.currentThread() && left > 0) {
        left = idle.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private boolean add(E event) {
    if (closed) {
      return false;
    }
    if (queue == null) {
      queue = spare == null ? new Object[FIRST_ARRAY] : spare;
      spare = null;
    } else if (queued == queue.length) {
      @Nullable Object[] grown = new Object[2 * queued];
      System.arraycopy(queue, 0, grown, 0, queued);
      queue = grown;
    }
    queue[queued++] = event;
    depth = ++held;
    if (!scheduled) {
      scheduled = true;
      executor.execute(drain);
    }
    return true;
  }

  private void drain() {
    drainer = Thread.currentThread();
    int handled = 0;
    @Nullable Object[] batch = null;
    int size = 0;
    while (true) {
      lock.lock();
      try {
        held -= size;
        depth = held;
        if (batch != null && batch.length <= KEPT) {
          spare = batch;
        }
        if (queue == null) {
          drainer = null;
          scheduled = false;
          idle.signalAll();
          return;
        }
        if (handled >= SLICE) {
          drainer = null;
          executor.execute(drain);
          return;
        }
        batch = queue;
        size = queued;
        queue = null;
        queued = 0;
      } finally {
        lock.unlock();
      }
      deliver(batch, size);
      handled += size;
    }
  }

  @SuppressWarnings("unchecked")
  private void deliver(@Nullable Object[] batch, int size) {
    for (int i = 0; i < size; i++) {
      E event = (E) batch[i];
      batch[i] = null;
      if (event == null) {
        throw new IllegalStateException("a hole in a batch at " + i + " of " + size);
      }
      long number = sequence++;
      try {
        handler.handle(event, number, i == size - 1);
      } catch (Throwable failure) {
        failures.failed(failure, number, event);
      }
    }
  }
}
