package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;

/** A transaction whose body waits for what it reads. Owned by its body; one thread. */
record WaitingTransaction(Transaction transaction, Waiting waiting) implements BlockingTransaction {
  @Override
  public long start() {
    return transaction.start();
  }

  @Override
  public Optional<KeyValue> get(Bytes key) {
    return waiting.on(transaction.get(key), false);
  }

  @Override
  public List<KeyValue> range(KeyRange range, RangeOptions options) {
    return waiting.on(transaction.range(range, options), false).kvs();
  }

  @Override
  public void put(Bytes key, Bytes value, long lease) {
    transaction.put(key, value, lease);
  }

  @Override
  public void delete(Bytes key) {
    transaction.delete(key);
  }

  @Override
  public long delete(KeyRange range) {
    return waiting.on(transaction.delete(range), false);
  }
}
