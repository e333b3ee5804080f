package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A transaction while it runs. It reads the state of one revision, over which it sees what it has written itself; its writes go
 * out when the body is done, all or none. Made for one attempt: the body may run again, and must not keep it. Safe on any thread.
 *
 * <p>Of a key that the transaction has written itself, revisions and version are 0: they are not known before it commits.
 */
public interface Transaction {
  /** The revision whose state it reads. */
  long start();

  /** One key. */
  CompletableFuture<Optional<KeyValue>> get(Bytes key);

  /** Keys of a range; nobody may put or delete a key in all of it until the commit. */
  CompletableFuture<RangeResult> range(KeyRange range, RangeOptions options);

  /** All keys of a range, in key order. */
  default CompletableFuture<RangeResult> range(KeyRange range) {
    return range(range, RangeOptions.DEFAULT);
  }

  /** Puts a key; whatever lease it had is detached. */
  default void put(Bytes key, Bytes value) {
    put(key, value, 0);
  }

  /** Puts a key under a lease; 0 is none. */
  void put(Bytes key, Bytes value, long lease);

  /** Deletes a key; one that does not exist makes no event. */
  void delete(Bytes key);

  /** Deletes the keys of a range, and tells how many there were. */
  CompletableFuture<Long> delete(KeyRange range);
}
