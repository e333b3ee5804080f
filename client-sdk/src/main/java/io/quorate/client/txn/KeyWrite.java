package io.quorate.client.txn;

import io.quorate.model.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction does to one key.
 *
 * @param key written once in a transaction
 * @param value whole; null deletes
 * @param lease the key gets; 0 for none
 * @param sub place among the transaction's writes, from 0: the order of its events
 */
public record KeyWrite(Bytes key, @Nullable Bytes value, long lease, int sub) {
  /** About how many bytes it has in a message. */
  public int weight() {
    return 32 + key.length() + (value == null ? 0 : value.length());
  }
}
