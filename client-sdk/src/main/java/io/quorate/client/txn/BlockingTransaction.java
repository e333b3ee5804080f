package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;

/** {@link Transaction} for bodies that wait. */
public interface BlockingTransaction {
  /** The revision whose state it reads. */
  long start();

  /** One key. */
  Optional<KeyValue> get(Bytes key);

  /** Keys of a range. */
  List<KeyValue> range(KeyRange range, RangeOptions options);

  /** All keys of a range, in key order. */
  default List<KeyValue> range(KeyRange range) {
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
  long delete(KeyRange range);
}
