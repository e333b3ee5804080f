package io.quorate.client;

import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.RestoreRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Puts keys of a backup back, over as many regions as it takes. Owned by {@link QuorateClient}; any thread. */
record Restoring(RegionClient regions) {
  /** Keys in key order; done twice is done once. */
  CompletableFuture<Boolean> restore(List<KeyValue> kvs) {
    if (kvs.isEmpty()) {
      return CompletableFuture.completedFuture(true);
    }
    RestoreRequest.Builder request = RestoreRequest.newBuilder();
    kvs.forEach(kv -> request.addKvs(kv.message()));
    KeyRange span = KeyRange.of(kvs.get(0).key(), kvs.get(kvs.size() - 1).key().next());
    return regions
        .execute(
            new RegionOperation.Restore(span, request.build()),
            regions.deadlineNanos(Optional.empty()),
            /* direct= */ true)
        .exceptionallyCompose(failure -> {
          boolean halves = QuorateClient.unwrap(failure) instanceof RefusedException refused
              && refused.code() == RefusalCode.SPANS_REGIONS
              && kvs.size() > 1;
          int middle = kvs.size() / 2;
          return halves
              ? restore(kvs.subList(0, middle))
                  .thenCompose(done -> restore(kvs.subList(middle, kvs.size())))
              : CompletableFuture.failedFuture(failure);
        });
  }
}
