package io.quorate.region.transaction;

import io.quorate.model.Bytes;

/**
 * Whose a lock is.
 *
 * @param txn the transaction
 * @param start the revision that it reads at
 * @param primary the key that decides it
 * @param ttlMillis how long it lives without a heartbeat, on the clock of the primary's leader
 */
public record Holder(TxnId txn, long start, Bytes primary, int ttlMillis) {}
