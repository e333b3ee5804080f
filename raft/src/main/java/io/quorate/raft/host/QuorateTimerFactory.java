package io.quorate.raft.host;

import com.alipay.sofa.jraft.core.Scheduler;
import com.alipay.sofa.jraft.util.SPI;
import com.alipay.sofa.jraft.util.timer.RaftTimerFactory;
import com.alipay.sofa.jraft.util.timer.Timer;

/**
 * Gives each node its host's timers instead of four wheels of one millisecond each; found by jraft's service loader, one per
 * process, without state.
 */
@SPI(name = "quorate", priority = 100)
public final class QuorateTimerFactory implements RaftTimerFactory {
  @Override
  public Timer getElectionTimer(boolean shared, String name) {
    return createTimer(name);
  }

  @Override
  public Timer getVoteTimer(boolean shared, String name) {
    return createTimer(name);
  }

  @Override
  public Timer getStepDownTimer(boolean shared, String name) {
    return createTimer(name);
  }

  @Override
  public Timer getSnapshotTimer(boolean shared, String name) {
    return createTimer(name);
  }

  @Override
  public Scheduler getRaftScheduler(boolean shared, int workers, String name) {
    return createScheduler(workers, name);
  }

  @Override
  public Timer createTimer(String name) {
    return starting().electionTimer();
  }

  @Override
  public Scheduler createScheduler(int workers, String name) {
    return starting().scheduler();
  }

  private static HostTimers starting() {
    HostTimers timers = HostTimers.starting();
    if (timers == null) {
      throw new IllegalStateException(
          "this jraft carries Quorate's timers and runs only nodes of its RaftHost");
    }
    return timers;
  }
}
