package io.quorate.raft.sim;

import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Virtual time and everything that is to happen in it, in an order that depends on the seed alone: tasks of one moment run in
 * random order. Single-threaded.
 */
public final class SimScheduler implements Executor {
  private final Random random;
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long now;
  private long tickets;

  private record Task(long at, int lot, long ticket, Runnable body) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int order = Long.compare(at, other.at);
      order = order != 0 ? order : Integer.compare(lot, other.lot);
      return order != 0 ? order : Long.compare(ticket, other.ticket);
    }
  }

  public SimScheduler(long seed) {
    random = new Random(seed);
  }

  /** The run's one source of chance. */
  public Random random() {
    return random;
  }

  /** Virtual time in nanoseconds, from 0. */
  public long nanos() {
    return now;
  }

  /** Runs the task later at this moment, before or after others of this moment. */
  @Override
  public void execute(Runnable task) {
    after(0, task);
  }

  /** Runs the task after the delay. */
  public void after(long nanos, Runnable task) {
    tasks.add(new Task(now + Math.max(0, nanos), random.nextInt(), tickets++, task));
  }

  /** An executor that keeps the order of its own tasks, as a serial queue does, with a random delay before each. */
  public Executor serial(long maxDelayNanos) {
    long[] notBefore = {0};
    return task -> {
      long at = Math.max(now + pick(0, maxDelayNanos), notBefore[0] + 1);
      notBefore[0] = at;
      after(at - now, task);
    };
  }

  /** A number from least to most, both included. */
  public long pick(long least, long most) {
    return least >= most ? least : least + Math.floorMod(random.nextLong(), most - least + 1);
  }

  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** Runs the next task; false if there is none. */
  public boolean runOne() {
    Task task = tasks.poll();
    if (task == null) {
      return false;
    }
    now = task.at;
    task.body.run();
    return true;
  }

  /** Runs all that happens up to the moment and stays there. */
  public void runUntil(long nanos) {
    while (!tasks.isEmpty() && tasks.peek().at <= nanos) {
      runOne();
    }
    now = Math.max(now, nanos);
  }

  public void runFor(long nanos) {
    runUntil(now + nanos);
  }

  /** Runs until the condition holds; false if it did not within so much time, or if nothing is left to happen. */
  public boolean runUntil(BooleanSupplier condition, long maxNanos) {
    long end = now + maxNanos;
    while (!condition.getAsBoolean()) {
      if (tasks.isEmpty() || tasks.peek().at > end) {
        return false;
      }
      runOne();
    }
    return true;
  }
}
