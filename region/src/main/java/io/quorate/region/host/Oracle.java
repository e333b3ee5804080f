package io.quorate.region.host;

import java.util.concurrent.CompletableFuture;

/**
 * The cluster's revision counter as a store sees it. Implemented over gRPC by the store, and simulated in tests.
 *
 * <p>Every ask is answered by a number drawn after the ask was made, by a PD leader confirmed after that; an answer of an
 * older term or with a smaller number than already seen is never passed on ({@link OracleMemory}). Futures always complete:
 * an ask that cannot be answered in time fails with {@link OracleException}, and whatever numbers it drew are lost.
 *
 * <p>Thread: any; never blocks. Dependents run on the implementation's threads and must be short.
 */
public interface Oracle {
  /** Draws {@code count} fresh numbers, 1 or more: above every number handed out before the call, anywhere. */
  CompletableFuture<Stamps> next(int count);

  /** The highest number handed out so far; at least every number handed out before the call, anywhere. */
  CompletableFuture<OracleState> current();

  /** The highest state seen by this store in any answer, without a call; covers every answer already completed. */
  OracleState newestKnown();
}
