package io.quorate.client.placement;

import io.quorate.proto.BarrierResponse;
import io.quorate.proto.CompactRequest;
import io.quorate.proto.CompactResponse;
import io.quorate.proto.HistoryServiceGrpc;
import io.quorate.proto.HoldBarrierRequest;
import io.quorate.proto.RaiseRevisionRequest;
import io.quorate.proto.RaiseRevisionResponse;
import io.quorate.proto.ReleaseBarrierRequest;
import io.quorate.proto.RenewBarrierRequest;
import io.quorate.proto.ShowHistoryRequest;
import io.quorate.proto.ShowHistoryResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * What is asked of the placement driver about the past. Belongs to a {@link PlacementClient}, follows the leader as it does, and
 * ends with it; safe on any thread. Futures fail with {@link PlacementException}.
 */
public final class HistoryClient {
  private final AdminClient.Asker asker;

  HistoryClient(AdminClient.Asker asker) {
    this.asker = asker;
  }

  /**
   * Reads and watches below the revision are refused, everywhere, from the answer on.
   *
   * @return fails with code {@code COMPACTED} if it is not above the compacted revision, {@code FUTURE_REVISION} if it was not
   *     handed out yet
   */
  public CompletableFuture<Long> compact(long revision) {
    long nonce = new SecureRandom().nextLong() | 1;
    return asker
        .ask(
            HistoryServiceGrpc.getCompactMethod(),
            envelope -> CompactRequest.newBuilder()
                .setEnvelope(envelope)
                .setRevision(revision)
                .setNonce(nonce)
                .build(),
            CompactResponse::getError)
        .thenApply(CompactResponse::getCompacted);
  }

  /**
   * Keeps a revision readable for whoever reads below the compacted one on purpose.
   *
   * @param name unique; a repeat with the same name and owner finds its barrier
   * @param owner for people: who, and what for
   * @param revision 0: the newest
   * @param ttl after which it ends unless renewed; a second to a day
   * @return what it holds; fails with code {@code COMPACTED} if that is gone already
   */
  public CompletableFuture<Long> hold(String name, String owner, long revision, Duration ttl) {
    return asker
        .ask(
            HistoryServiceGrpc.getHoldBarrierMethod(),
            envelope -> HoldBarrierRequest.newBuilder()
                .setEnvelope(envelope)
                .setName(name)
                .setOwner(owner)
                .setRevision(revision)
                .setTtlMs(ttl.toMillis())
                .build(),
            BarrierResponse::getError)
        .thenApply(BarrierResponse::getRevision);
  }

  /** The barrier gets its whole time again; fails with code {@code STALE} if it is no more. */
  public CompletableFuture<Long> renew(String name) {
    return asker
        .ask(
            HistoryServiceGrpc.getRenewBarrierMethod(),
            envelope -> RenewBarrierRequest.newBuilder()
                .setEnvelope(envelope)
                .setName(name)
                .build(),
            BarrierResponse::getError)
        .thenApply(BarrierResponse::getRevision);
  }

  /** The barrier is not needed any more; one that is no more already is released, too. */
  public CompletableFuture<Long> release(String name) {
    return asker
        .ask(
            HistoryServiceGrpc.getReleaseBarrierMethod(),
            envelope -> ReleaseBarrierRequest.newBuilder()
                .setEnvelope(envelope)
                .setName(name)
                .build(),
            BarrierResponse::getError)
        .thenApply(BarrierResponse::getRevision);
  }

  /** What is kept, and who holds it. */
  public CompletableFuture<ShowHistoryResponse> show() {
    return asker.ask(
        HistoryServiceGrpc.getShowHistoryMethod(),
        envelope -> ShowHistoryRequest.newBuilder().setEnvelope(envelope).build(),
        ShowHistoryResponse::getError);
  }

  /**
   * No revision at or below this one is handed out from the answer on.
   *
   * @return the newest now
   */
  public CompletableFuture<Long> raiseRevision(long above) {
    return asker
        .ask(
            HistoryServiceGrpc.getRaiseRevisionMethod(),
            envelope -> RaiseRevisionRequest.newBuilder()
                .setEnvelope(envelope)
                .setAbove(above)
                .build(),
            RaiseRevisionResponse::getError)
        .thenApply(RaiseRevisionResponse::getRevision);
  }
}
