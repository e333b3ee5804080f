package io.quorate.raft.host;

import io.quorate.raft.LogException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The proposals of one replica that have no answer yet: so many at most, and each answered once, also when the replica stops
 * with jraft still owing it. Owned by its {@link Group}; any thread.
 */
final class Proposals {
  private final int limit;
  private final RaftMetrics metrics;
  private final AtomicInteger count = new AtomicInteger();
  private final Set<Proposal<?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  Proposals(int limit, RaftMetrics metrics) {
    this.limit = limit;
    this.metrics = metrics;
  }

  /** A place for one more, or nothing at the limit. */
  <R> Optional<Proposal<R>> begin() {
    if (count.incrementAndGet() > limit) {
      count.decrementAndGet();
      return Optional.empty();
    }
    Proposal<R> proposal = new Proposal<>(this, metrics);
    open.add(proposal);
    return Optional.of(proposal);
  }

  /** Whether its answer is due: true once for each. */
  boolean close(Proposal<?> proposal) {
    boolean first = open.remove(proposal);
    if (first) {
      count.decrementAndGet();
    }
    return first;
  }

  /** After the node was handed the proposal: it may have stopped just before, and answers nothing any more. */
  void handed(Proposal<?> proposal, String why) {
    if (ended) {
      abandon(proposal, why);
    }
  }

  /** The node is down. A task that reached a stage of it while that closed is answered by nobody else. */
  void end(String why) {
    ended = true;
    open.forEach(proposal -> abandon(proposal, why));
  }

  private static void abandon(Proposal<?> proposal, String why) {
    proposal.fail(new LogException(LogException.Kind.INDETERMINATE, why));
  }
}
