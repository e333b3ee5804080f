package io.quorate.region.host;

import io.quorate.raft.sim.SimScheduler;

/** A process of a simulation: it dies, or stands still for a while (SIGSTOP) and goes on as if no time had passed. */
final class SimProcess {
  private final SimScheduler scheduler;
  private boolean alive = true;
  private long awakeAt;

  SimProcess(SimScheduler scheduler) {
    this.scheduler = scheduler;
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  boolean isAlive() {
    return alive;
  }

  void die() {
    alive = false;
  }

  void standStill(long nanos) {
    awakeAt = scheduler.nanos() + nanos;
  }

  /** Does something in the process: once it goes on, if it stands still; never, if it is dead. */
  void run(Runnable task) {
    if (!alive) {
      return;
    }
    long sleeps = awakeAt - scheduler.nanos();
    if (sleeps > 0) {
      scheduler.after(sleeps, () -> run(task));
    } else {
      task.run();
    }
  }

  /** Does it after a time. */
  void after(long nanos, Runnable task) {
    scheduler.after(nanos, () -> run(task));
  }
}
