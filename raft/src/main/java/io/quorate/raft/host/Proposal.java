package io.quorate.raft.host;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Status;
import io.quorate.raft.LogException;
import java.util.concurrent.CompletableFuture;

/**
 * A proposal without answer yet; made by the caller's thread, ended once: by the apply stage, by jraft if it fails, or by the
 * replica's stop.
 */
final class Proposal<R> implements Closure {
  private final CompletableFuture<R> answer = new CompletableFuture<>();
  private final Proposals open;
  private final RaftMetrics metrics;
  private final long madeNanos = System.nanoTime();

  Proposal(Proposals open, RaftMetrics metrics) {
    this.open = open;
    this.metrics = metrics;
  }

  CompletableFuture<R> answer() {
    return answer;
  }

  void applied(R result) {
    if (open.close(this)) {
      metrics.proposed(System.nanoTime() - madeNanos);
      answer.complete(result);
    }
  }

  void fail(LogException failure) {
    if (open.close(this)) {
      answer.completeExceptionally(failure);
    }
  }

  /** Called by jraft for failures alone: the apply stage ends what succeeded. */
  @Override
  public void run(Status status) {
    fail(Refusals.ofProposal(status));
  }
}
