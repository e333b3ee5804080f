package io.quorate.client;

import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.client.txn.ForeignLock;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import io.quorate.proto.ScanLocksRequest;
import io.quorate.proto.ScanLocksResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Lists the locks that stand in a range, region after region. Made for one request; one step at a time. */
record LockScan(RegionClient regions, int limit, long deadlineNanos) {
  /** In the order of the regions, at most as many as the limit. */
  CompletableFuture<List<ForeignLock>> run(KeyRange range) {
    List<ForeignLock> found = new ArrayList<>();
    return scan(range, found).thenApply(done -> found);
  }

  private CompletableFuture<Void> scan(KeyRange range, List<ForeignLock> found) {
    CompletableFuture<List<Piece>> pieces = regions.plan(range, deadlineNanos);
    return pieces.thenCompose(all -> {
      CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
      for (Piece piece : all) {
        done = done.thenCompose(before -> scanOne(piece.range(), found));
      }
      return done;
    });
  }

  private CompletableFuture<Void> scanOne(KeyRange range, List<ForeignLock> found) {
    int left = limit - found.size();
    if (left <= 0) {
      return CompletableFuture.completedFuture(null);
    }
    ScanLocksRequest body =
        ScanLocksRequest.newBuilder().setRange(Wire.range(range)).setLimit(left).build();
    return regions
        .execute(
            new AskedOperation<>(
                OpKind.LOCKS,
                range.start(),
                range,
                /* writes= */ false,
                /* heedsLocks= */ false,
                body.getSerializedSize(),
                request -> request.setScanLocks(body),
                Response.BodyCase.SCAN_LOCKS,
                Response::getScanLocks),
            deadlineNanos,
            /* direct= */ true)
        .thenAccept(answer -> take(answer, found))
        .exceptionallyCompose(
            failure -> QuorateClient.unwrap(failure) instanceof RefusedException refused
                    && refused.code() == RefusalCode.SPANS_REGIONS
                ? scan(range, found)
                : CompletableFuture.failedFuture(failure));
  }

  private static void take(ScanLocksResponse answer, List<ForeignLock> found) {
    answer.getLocksList().forEach(lock -> found.add(ForeignLock.of(lock)));
  }
}
