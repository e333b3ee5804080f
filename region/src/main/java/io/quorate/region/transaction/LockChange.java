package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import org.jspecify.annotations.Nullable;

/** One change of what a region keeps of transactions; written with the mutations of the same command. */
public sealed interface LockChange {
  /** Of the write lock on a key; null once there is none. */
  record Write(Bytes key, @Nullable WriteLock now) implements LockChange {}

  /**
   * Of a read lock.
   *
   * @param held or no more
   */
  record Read(ReadLock lock, boolean held) implements LockChange {}

  /** Of what is known under a key about a transaction; null once nothing is. */
  record Decision(Bytes key, TxnId txn, @Nullable TxnRecord now) implements LockChange {}

  /** Prewrites of transactions that started at or before this revision are refused. */
  record MinStart(long now) implements LockChange {}
}
