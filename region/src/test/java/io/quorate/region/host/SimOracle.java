package io.quorate.region.host;

import io.quorate.raft.sim.SimScheduler;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The placement driver's counter on simulated time, with leaders that fail over (a new term, a gap in the numbers), asks and
 * answers that are lost or late, and one port per store.
 */
final class SimOracle {
  private final SimScheduler scheduler;
  private final double lost;
  private final long maxDelayNanos;
  private long revision = 1;
  private long term = 1;

  SimOracle(SimScheduler scheduler, double lost, long maxDelayNanos) {
    this.scheduler = scheduler;
    this.lost = lost;
    this.maxDelayNanos = maxDelayNanos;
  }

  /** Another leader: it starts above all that was handed out, somewhere. */
  void failOver() {
    term++;
    revision += scheduler.pick(0, 40);
  }

  long revision() {
    return revision;
  }

  Port port(long highestSeen) {
    return new Port(highestSeen);
  }

  private long delay() {
    return scheduler.chance(0.05)
        ? scheduler.pick(0, 20 * maxDelayNanos)
        : scheduler.pick(0, maxDelayNanos);
  }

  /** One store's end: what it has seen lives as long as the store's process. */
  final class Port implements Oracle {
    private final OracleMemory memory;

    private Port(long highestSeen) {
      memory = new OracleMemory(highestSeen);
    }

    @Override
    public CompletableFuture<Stamps> next(int count) {
      CompletableFuture<Stamps> future = new CompletableFuture<>();
      long seen = memory.newest().revision();
      scheduler.after(delay(), () -> {
        if (scheduler.chance(lost)) {
          fail(future);
          return;
        }
        long first = revision + 1;
        revision += count;
        Stamps stamps = new Stamps(first, revision, state());
        scheduler.after(delay(), () -> {
          Optional<String> stale = memory.acceptNext(stamps, seen);
          if (stale.isPresent() || scheduler.chance(lost)) {
            fail(future);
          } else {
            future.complete(stamps);
          }
        });
      });
      return future;
    }

    @Override
    public CompletableFuture<OracleState> current() {
      CompletableFuture<OracleState> future = new CompletableFuture<>();
      long seen = memory.newest().revision();
      scheduler.after(delay(), () -> {
        if (scheduler.chance(lost)) {
          fail(future);
          return;
        }
        OracleState state = state();
        scheduler.after(delay(), () -> {
          if (memory.acceptCurrent(state, seen).isPresent()) {
            fail(future);
          } else {
            future.complete(state);
          }
        });
      });
      return future;
    }

    private OracleState state() {
      return new OracleState(revision, 0, 0, 1, term);
    }

    private void fail(CompletableFuture<?> future) {
      // At times nothing is heard for longer than the region waits.
      long silence = scheduler.chance(0.2) ? 5_000_000_000L : delay();
      scheduler.after(silence, () -> future.completeExceptionally(new OracleException("lost")));
    }

    @Override
    public OracleState newestKnown() {
      return memory.newest();
    }
  }
}
