package io.quorate.store;

/** Why a store did not start: one line that says what is wrong and what to do. No stack trace: it is an answer. */
public final class StoreStartException extends RuntimeException {
  public StoreStartException(String message) {
    super(message, null, false, false);
  }
}
