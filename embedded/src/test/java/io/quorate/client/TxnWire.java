package io.quorate.client;

import io.quorate.proto.TxnRequest;
import io.quorate.proto.TxnResponse;

/** Transactions as they go to one region, and what it answers, for tests that have no connection. Stateless. */
public final class TxnWire {
  private TxnWire() {}

  public static TxnRequest request(Txn txn) {
    return txn.message();
  }

  public static TxnResult result(long revision, TxnResponse message) {
    return TxnResult.of(revision, message);
  }
}
