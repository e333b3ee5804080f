package io.quorate.region.transaction;

import io.quorate.model.KeyRange;

/** Keeps others from keys until a transaction is decided. Immutable. */
public sealed interface Lock permits WriteLock, ReadLock {
  KeyRange range();

  Holder holder();

  /** The transaction will not be committed below this revision. */
  long minCommit();

  default TxnId txn() {
    return holder().txn();
  }
}
