package io.quorate.client.lease;

import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.txn.Committed;
import io.quorate.client.txn.Transaction;
import io.quorate.client.txn.TransactionClient;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the keys of an ended lease over several regions at one revision. Owned by {@link LeasePeers}; any thread.
 *
 * @param leases finds the keys
 * @param transactions deletes them
 */
record LeaseDeletion(LeaseClient leases, TransactionClient transactions) {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseDeletion.class);
  private static final RangeOptions HEAD = RangeOptions.DEFAULT.withKeysOnly().withoutCount();

  /** How many keys; 0 if it could not be done: the keys are to be deleted in any case, if need be one region after the other. */
  CompletableFuture<Long> run(long lease, List<KeyRange> ranges, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    return leases
        .keys(lease, ranges)
        .thenCompose(keys -> keys.isEmpty() || keys.size() > transactions.maxKeys()
            ? CompletableFuture.completedFuture(0L)
            : transactions
                .transact(body -> delete(body, lease, keys), deadline)
                .thenApply(Committed::value))
        .exceptionally(failure -> {
          LOG.info(
              "the keys of lease {} go region by region: {}",
              Long.toHexString(lease),
              failure.toString());
          return 0L;
        });
  }

  private static CompletableFuture<Long> delete(Transaction body, long lease, List<Bytes> keys) {
    List<CompletableFuture<Long>> deleted = new ArrayList<>(keys.size());
    for (Bytes key : keys) {
      deleted.add(body.range(KeyRange.single(key), HEAD)
          .thenApply(found -> deleteIfUnder(body, lease, key, found)));
    }
    return CompletableFuture.allOf(deleted.toArray(CompletableFuture[]::new))
        .thenApply(done -> deleted.stream().mapToLong(CompletableFuture::join).sum());
  }

  private static long deleteIfUnder(Transaction body, long lease, Bytes key, RangeResult found) {
    if (found.kvs().stream().noneMatch(kv -> kv.lease() == lease)) {
      return 0;
    }
    body.delete(key);
    return 1;
  }
}
