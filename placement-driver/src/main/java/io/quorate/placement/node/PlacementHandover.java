package io.quorate.placement.node;

import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import io.quorate.raft.ReplicatedLog;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a stopping member's leadership to another one, so that nobody waits for an election. Owner and thread: the close of
 * {@link PlacementNode}, which it blocks.
 */
final class PlacementHandover {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementHandover.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private final ReplicatedLog<?> log;
  private final byte[] probe;

  /**
   * @param probe an entry that changes nothing: whoever has it was alive a moment ago
   */
  PlacementHandover(ReplicatedLog<?> log, byte[] probe) {
    this.log = log;
    this.probe = probe;
  }

  /**
   * Asks one member after the other, those that have most of the log first. One that has just died had all of the log, and is
   * not known to be silent yet; so an entry is put into the log before.
   *
   * @param patience for all of them together
   * @param perMember for each
   * @return whether another member leads now, as far as is known here, or this one never did
   */
  boolean run(Duration patience, Duration perMember) {
    if (!log.leadership().leading()) {
      return true;
    }
    long deadline = System.nanoTime() + patience.toNanos();
    probe(perMember);
    for (ReplicaId heir : heirs()) {
      long until = Math.min(deadline, System.nanoTime() + perMember.toNanos());
      CompletableFuture<Void> asked = log.transferLeadership(heir);
      while (!asked.isCompletedExceptionally() && System.nanoTime() - until < 0) {
        if (handedOver()) {
          LOG.info(
              "pd={} handed its leadership to {}",
              log.self().store(),
              log.leadership().leader());
          return true;
        }
        new CompletableFuture<Void>()
            .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
            .join();
      }
    }
    LOG.info(
        "pd={} stops without another leader: the others will elect", log.self().store());
    return handedOver();
  }

  /** A majority has the entry then, or the time is over. */
  private void probe(Duration atMost) {
    try {
      var unused =
          log.propose(probe, log.leadership().term()).get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("pd={} nobody answers before it stops: {}", log.self().store(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean handedOver() {
    return log.leadership()
        .leader()
        .filter(leader -> !leader.equals(log.self()))
        .isPresent();
  }

  private List<ReplicaId> heirs() {
    List<ReplicaId> voters = log.membership().voters();
    return log.progress().stream()
        .filter(other -> voters.contains(other.replica()) && !other.replica().equals(log.self()))
        .sorted(Comparator.comparingLong(ReplicaProgress::matched)
            .reversed()
            .thenComparingLong(ReplicaProgress::silentMillis))
        .map(ReplicaProgress::replica)
        .toList();
  }
}
