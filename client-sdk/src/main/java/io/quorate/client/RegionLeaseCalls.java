package io.quorate.client;

import io.quorate.client.lease.LeaseCalls;
import io.quorate.client.route.Route;
import io.quorate.client.route.RoutingTable;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Brings requests about leases to regions like all others. Owned by {@link QuorateClient}; any thread.
 *
 * @param regions brings them there
 * @param timers for short tasks
 * @param callbacks runs what the user gave
 * @param timeout of a request that names none
 */
record RegionLeaseCalls(
    RegionClient regions, ScheduledExecutorService timers, Executor callbacks, Duration timeout)
    implements LeaseCalls {
  private static final Object UNKNOWN = new Object();

  @Override
  public <T> CompletableFuture<T> call(Ask<T> ask, Duration patience) {
    AskedOperation<T> operation = new AskedOperation<>(
        OpKind.LEASE,
        ask.key(),
        ask.span(),
        ask.writes(),
        /* heedsLocks= */ true,
        ask.sizeBytes(),
        ask.fill(),
        ask.answer(),
        ask.result());
    return regions.execute(
        operation, regions.deadlineNanos(Optional.of(patience)), /* direct= */ true);
  }

  @Override
  public CompletableFuture<List<KeyRange>> parts(KeyRange range, Duration patience) {
    return regions
        .plan(range, regions.deadlineNanos(Optional.of(patience)))
        .thenApply(pieces -> pieces.stream().map(RoutingTable.Piece::range).toList());
  }

  @Override
  public Object regionOf(Bytes key) {
    Route route = regions.directory().table().find(key);
    return route == null ? UNKNOWN : route.region().id();
  }
}
