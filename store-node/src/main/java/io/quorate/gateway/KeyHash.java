package io.quorate.gateway;

import io.quorate.client.KeyValue;
import io.quorate.client.PageReader;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.model.KeyRange;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * One number for all keys as of one revision, the same on whatever gateway it is computed: CRC-32C over keys, values, revisions,
 * versions and leases in key order. Made for one call. Thread: one page at a time, on the SDK's callback threads.
 */
final class KeyHash {
  private static final int NUMBERS_BYTES = 4 * Long.BYTES + 2 * Integer.BYTES;

  private final PageReader pages;
  private final BooleanSupplier unwanted;
  private final CRC32C sum = new CRC32C();
  private final CompletableFuture<Integer> done = new CompletableFuture<>();

  /**
   * The hash of a revision.
   *
   * @param unwanted whether nobody waits for it any more
   */
  KeyHash(QuorateClient client, long revision, BooleanSupplier unwanted) {
    this.pages = client.pages(KeyRange.ALL, RangeOptions.DEFAULT.at(revision));
    this.unwanted = unwanted;
  }

  CompletableFuture<Integer> compute() {
    next();
    return done;
  }

  private void next() {
    if (unwanted.getAsBoolean()) {
      done.cancel(false);
      return;
    }
    var unused = pages.next().whenComplete((page, failure) -> {
      if (failure != null) {
        done.completeExceptionally(failure);
      } else if (page.isEmpty()) {
        done.complete((int) sum.getValue());
      } else {
        page.get().kvs().forEach(this::add);
        next();
      }
    });
  }

  private void add(KeyValue kv) {
    sum.update(ByteBuffer.allocate(NUMBERS_BYTES)
        .putInt(kv.key().length())
        .putInt(kv.value().length())
        .putLong(kv.createRevision())
        .putLong(kv.modRevision())
        .putLong(kv.version())
        .putLong(kv.lease())
        .flip());
    sum.update(kv.key().unsafeArray());
    sum.update(kv.value().unsafeArray());
  }
}
