package io.quorate.client;

import io.quorate.client.txn.TransactionId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A write was sent and its answer is lost: it may have been done, or may yet be. The client never repeats
 * it; read to find out, or, of a transaction over several regions, ask for its status.
 */
public final class OutcomeUnknownException extends QuorateException {
  private final transient @Nullable TransactionId transaction;

  OutcomeUnknownException(String message) {
    super(message);
    this.transaction = null;
  }

  private OutcomeUnknownException(TransactionId transaction, String message) {
    super("transaction " + transaction + " may or may not have been done: " + message);
    this.transaction = transaction;
  }

  private OutcomeUnknownException(OutcomeUnknownException original) {
    super(original);
    this.transaction = original.transaction;
  }

  /** Of a transaction over several regions. */
  public static OutcomeUnknownException of(TransactionId transaction, String message) {
    return new OutcomeUnknownException(transaction, message);
  }

  /** The transaction, if it spans several regions: {@link QuorateClient#transactionStatus} tells what became of it. */
  public Optional<TransactionId> transaction() {
    return Optional.ofNullable(transaction);
  }

  @Override
  OutcomeUnknownException rethrown() {
    return new OutcomeUnknownException(this);
  }
}
