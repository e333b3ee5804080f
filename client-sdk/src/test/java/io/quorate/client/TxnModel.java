package io.quorate.client;

import io.quorate.client.sim.SimKeyspace;

/** What the naive keyspace makes of a transaction, in the client's terms. */
public final class TxnModel {
  private TxnModel() {}

  public static TxnResult run(SimKeyspace keyspace, Txn txn, long at) {
    return TxnResult.of(at, keyspace.txn(txn.message(), at));
  }

  public static RangeResult range(
      SimKeyspace keyspace, io.quorate.model.KeyRange range, RangeOptions options, long at) {
    return RangeResult.of(
        at,
        keyspace.range(
            options.request(io.quorate.model.Wire.range(range)).build(), at, Integer.MAX_VALUE));
  }
}
