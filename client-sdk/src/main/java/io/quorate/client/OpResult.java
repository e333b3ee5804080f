package io.quorate.client;

/** What one operation brought, alone or in a transaction. */
public sealed interface OpResult permits PutResult, DeleteResult, RangeResult, TxnResult {
  /** Of a write its revision; of a read the revision whose state it shows. */
  long revision();
}
