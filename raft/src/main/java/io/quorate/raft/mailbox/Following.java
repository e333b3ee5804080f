package io.quorate.raft.mailbox;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a thread goes on with by itself where it would otherwise wake another: mailboxes that got their first event, and tasks
 * of their kind, from the last event of a short batch. Waking costs more than most of these take. One for each thread of a
 * {@link MailboxPool}, confined to it.
 *
 * <p>Nothing is kept back for long: as soon as the mailbox at hand has more to do than that event, what was to follow goes to
 * the threads it belongs to.
 */
public final class Following {
  private static final Logger log = LoggerFactory.getLogger(Following.class);
  private static final ThreadLocal<@Nullable Following> HERE = new ThreadLocal<>();

  /** A longer batch means load: then work had better spread. */
  static final int SHORT_BATCH = 8;

  /** So much follows one event at most. */
  static final int CHAIN = 8;

  private record Task(Runnable work, Executor executor) {}

  private final ArrayDeque<Task> tasks = new ArrayDeque<>(4);
  private boolean open;
  private boolean callbacks;
  private boolean going;

  private Following() {}

  static Following ofThisThread() {
    Following here = HERE.get();
    if (here == null) {
      here = new Following();
      HERE.set(here);
    }
    return here;
  }

  /** Runs the drain of a mailbox after what this thread does now, or answers false. */
  static boolean takes(Runnable drain, Executor executor) {
    Following here = HERE.get();
    return here != null && here.open && here.add(drain, executor);
  }

  /**
   * Runs a task after what this thread does now, if that is a stage whose tasks neither wait nor take long; or answers false.
   *
   * @param executor where it goes if this thread has no time for it
   */
  public static boolean takesCallback(Runnable task, Executor executor) {
    Following here = HERE.get();
    return here != null && here.callbacks && here.add(task, executor);
  }

  /** Gives away what was to follow: this thread is about to wait for it. */
  static void giveAwayHere() {
    Following here = HERE.get();
    if (here != null) {
      here.giveAway();
    }
  }

  /** The last event of a short batch begins. */
  void open(boolean withCallbacks) {
    open = true;
    callbacks = withCallbacks;
  }

  void close() {
    open = false;
    callbacks = false;
  }

  void giveAway() {
    for (Task next = tasks.poll(); next != null; next = tasks.poll()) {
      next.executor().execute(next.work());
    }
  }

  /** Does what follows, and what follows that. Of no effect within itself. */
  void goOn() {
    if (going) {
      return;
    }
    going = true;
    try {
      int done = 0;
      for (Task next = tasks.poll(); next != null; next = tasks.poll()) {
        if (done++ < CHAIN) {
          run(next.work());
        } else {
          next.executor().execute(next.work());
        }
      }
    } finally {
      going = false;
    }
  }

  private static void run(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      // As a pool does: the task ends, the thread goes on.
      log.error("a task failed", failure);
    }
  }

  private boolean add(Runnable work, Executor executor) {
    return tasks.size() < CHAIN && tasks.add(new Task(work, executor));
  }
}
