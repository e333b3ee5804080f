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
 * of the executor's queue. On a {@link MailboxPool} the thread that publishes the first event from within another mailbox may
 * run the drain itself, once that one is through ({@link Following}). Never makes a publisher wait.
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
  private final boolean follows;
  private final boolean callbacksFollow;
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
    this(capacity, executor, handler, failures, /* callbacksFollow= */ false);
  }

  /**
   * @param callbacksFollow whether tasks that the handler gives to {@link Following#takesCallback} neither wait nor take long
   */
  public Mailbox(
      int capacity,
      Executor executor,
      Handler<E> handler,
      FailureHandler<E> failures,
      boolean callbacksFollow) {
    if (capacity < 1) {
      throw new IllegalArgumentException("mailbox capacity must be positive: " + capacity);
    }
    this.capacity = capacity;
    this.executor = executor;
    this.handler = handler;
    this.failures = failures;
    this.follows = executor instanceof MailboxPool;
    this.callbacksFollow = callbacksFollow && follows;
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
    boolean first;
    lock.lock();
    try {
      if (depth >= capacity || closed) {
        return false;
      }
      first = add(event);
    } finally {
      lock.unlock();
    }
    if (first) {
      schedule();
    }
    return true;
  }

  /**
   * Takes the event even beyond the capacity; dropped when closed.
   *
   * @throws IllegalStateException at {@link #HARD_BOUND_FACTOR} times the capacity
   */
  public void put(E event) {
    boolean first;
    lock.lock();
    try {
      if (depth >= capacity * HARD_BOUND_FACTOR) {
        throw new IllegalStateException("mailbox holds " + depth + " events, " + HARD_BOUND_FACTOR
            + " times its capacity " + capacity);
      }
      first = !closed && add(event);
    } finally {
      lock.unlock();
    }
    if (first) {
      schedule();
    }
  }

  /** Takes no more events and, unless called by its own handler, waits until those at hand are handled. */
  public void close() {
    Following.giveAwayHere();
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

  /** Answers whether a drain is to be scheduled: by the caller, without the lock that the drain takes first. */
  private boolean add(E event) {
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
    boolean first = !scheduled;
    scheduled = true;
    return first;
  }

  private void schedule() {
    if (!follows || !Following.takes(drain, executor)) {
      executor.execute(drain);
    }
  }

  private void drain() {
    Following following = follows ? Following.ofThisThread() : null;
    drain(following);
    if (following != null) {
      following.goOn();
    }
  }

  private void drain(@Nullable Following following) {
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
          break;
        }
        batch = queue;
        size = queued;
        queue = null;
        queued = 0;
      } finally {
        lock.unlock();
      }
      if (following != null) {
        following.giveAway();
      }
      deliver(batch, size, following);
      handled += size;
    }
    executor.execute(drain);
  }

  @SuppressWarnings("unchecked")
  private void deliver(@Nullable Object[] batch, int size, @Nullable Following following) {
    Following then = size <= Following.SHORT_BATCH ? following : null;
    for (int i = 0; i < size; i++) {
      E event = (E) batch[i];
      batch[i] = null;
      if (event == null) {
        throw new IllegalStateException("a hole in a batch at " + i + " of " + size);
      }
      long number = sequence++;
      if (then != null && i == size - 1) {
        then.open(callbacksFollow);
      }
      try {
        handler.handle(event, number, i == size - 1);
      } catch (Throwable failure) {
        failures.failed(failure, number, event);
      }
    }
    if (then != null) {
      then.close();
    }
  }
}
