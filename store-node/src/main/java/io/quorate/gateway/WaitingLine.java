package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Status;
import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.PutResult;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Those who wait under a name, each by a key of its lease, in the order in which the keys were created (etcd
 * client/v3/concurrency). Locks and elections are this. Owned by a gateway; calls never wait.
 *
 * <p>Keys of a name may lie in several regions: a key is created by itself, and who is before it is read afterwards. Whoever has
 * a smaller create revision is in that read, since revisions follow real time.
 */
final class WaitingLine {
  /** Calls that wait for their turn at once; one more is refused. */
  private static final int WAITING_MAX = 100_000;

  /** What etcd gives to who brings no lease. */
  private static final long OWN_LEASE_SECONDS = 60;

  private static final Status TOO_MANY =
      Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests");

  private final QuorateClient client;
  private final AtomicInteger waiting = new AtomicInteger();

  WaitingLine(QuorateClient client) {
    this.client = client;
  }

  /**
   * A place in the line.
   *
   * @param prefix of all keys of the name
   * @param key of this one
   * @param created revision that created the key
   * @param lease that it hangs on
   * @param revision as of which this was so
   * @param value that the key had before, if it was there already
   */
  record Place(
      Bytes prefix, Bytes key, long created, long lease, long revision, Optional<Bytes> value) {}

  static Bytes prefix(Bytes name) {
    return name.concat(Bytes.utf8("/"));
  }

  /** The lease that was brought, or a new one. */
  CompletableFuture<Long> lease(long brought) {
    return brought != 0
        ? CompletableFuture.completedFuture(brought)
        : client.leases().grant(OWN_LEASE_SECONDS).thenApply(lease -> lease.id());
  }

  /** Takes a place; who has one under the same lease keeps it. */
  CompletableFuture<Place> enter(Bytes name, long lease, Bytes value) {
    Bytes prefix = prefix(name);
    Bytes key = prefix.concat(Bytes.utf8(Long.toString(lease, 16)));
    return client
        .txn()
        .when(Compare.createRevision(key, Compare.Relation.EQUAL, 0))
        .then(TxnOp.put(key, value, PutOptions.DEFAULT.withLease(lease)))
        .otherwise(TxnOp.get(key))
        .commit()
        .thenApply(result -> place(prefix, key, lease, result));
  }

  private static Place place(Bytes prefix, Bytes key, long lease, TxnResult result) {
    if (result.results().get(0) instanceof PutResult) {
      return new Place(prefix, key, result.revision(), lease, result.revision(), Optional.empty());
    }
    KeyValue found = result.range(0).kvs().get(0);
    return new Place(
        prefix, key, found.createRevision(), lease, result.revision(), Optional.of(found.value()));
  }

  /** Completes once nobody is before the place any more; fails with the call when the call ends, and as the cluster fails. */
  CompletableFuture<Void> turn(Place place, Context call) {
    if (waiting.incrementAndGet() > WAITING_MAX) {
      waiting.decrementAndGet();
      return CompletableFuture.failedFuture(TOO_MANY.asRuntimeException());
    }
    CompletableFuture<Void> done = new TurnWait(client, this::lastBefore, place, call).begin();
    return done.whenComplete((turn, failure) -> waiting.decrementAndGet());
  }

  /** Who goes next before the place; none if it is its turn. */
  private CompletableFuture<RangeResult> lastBefore(Place place) {
    return client.range(
        KeyRange.prefix(place.prefix()),
        RangeOptions.DEFAULT
            .filtered(new RevisionFilter(0, 0, 0, place.created() - 1))
            .sortedBy(SortTarget.CREATE, SortOrder.DESCENDING)
            .withKeysOnly()
            .withoutCount()
            .withLimit(1));
  }

  /** The first in the line. */
  CompletableFuture<RangeResult> first(Bytes name) {
    return client.range(
        KeyRange.prefix(prefix(name)),
        RangeOptions.DEFAULT
            .sortedBy(SortTarget.CREATE, SortOrder.ASCENDING)
            .withoutCount()
            .withLimit(1));
  }

  /** Whether the place is still there. */
  CompletableFuture<RangeResult> look(Place place) {
    return client.range(KeyRange.single(place.key()), RangeOptions.DEFAULT);
  }

  /** Gives up a place: only that one, not a later one under the same key. */
  CompletableFuture<TxnResult> leave(Bytes key, long created) {
    return client
        .txn()
        .when(Compare.createRevision(key, Compare.Relation.EQUAL, created))
        .then(TxnOp.delete(KeyRange.single(key), DeleteOptions.DEFAULT))
        .commit();
  }

  /** A new value for a place, if it is still there. */
  CompletableFuture<TxnResult> change(Bytes key, long created, long lease, Bytes value) {
    return client
        .txn()
        .when(Compare.createRevision(key, Compare.Relation.EQUAL, created))
        .then(TxnOp.put(key, value, PutOptions.DEFAULT.withLease(lease)))
        .commit();
  }
}
