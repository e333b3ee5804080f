package io.quorate.region.host;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** An oracle without a placement driver: one counter in this process, for all stores. Thread: any. */
final class CountingOracle implements Oracle {
  private final AtomicLong revision = new AtomicLong(1);

  @Override
  public CompletableFuture<Stamps> next(int count) {
    long last = revision.addAndGet(count);
    return CompletableFuture.completedFuture(new Stamps(last - count + 1, last, state(last)));
  }

  @Override
  public CompletableFuture<OracleState> current() {
    return CompletableFuture.completedFuture(newestKnown());
  }

  @Override
  public OracleState newestKnown() {
    return state(revision.get());
  }

  private static OracleState state(long revision) {
    return new OracleState(revision, 0, 0, 1, 1);
  }
}
