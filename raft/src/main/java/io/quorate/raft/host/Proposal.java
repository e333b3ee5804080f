package io.quorate.raft.host;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import io.quorate.raft.LogException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A proposal without answer yet; made by the caller's thread, ended by the apply stage or, if it fails, by jraft. */
final class Proposal<R> implements Closure {
  private final CompletableFuture<R> answer = new CompletableFuture<>();
  private final AtomicInteger pending;
  private final RaftMetrics metrics;
  private final long madeNanos = System.nanoTime();

  Proposal(AtomicInteger pending, RaftMetrics metrics) {
    this.pending = pending;
    this.metrics = metrics;
  }

  CompletableFuture<R> answer() {
    return answer;
  }

  void applied(R result) {
    pending.decrementAndGet();
    metrics.proposed(System.nanoTime() - madeNanos);
    answer.complete(result);
  }

  void fail(LogException failure) {
    pending.decrementAndGet();
    answer.completeExceptionally(failure);
  }

  /** Called by jraft for failures alone: the apply stage ends what succeeded. */
  @Override
  public void run(Status status) {
    fail(Refusals.ofProposal(status));
  }
}
