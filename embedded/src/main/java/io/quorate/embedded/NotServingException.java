package io.quorate.embedded;

/** A cluster did not get to serve: one line that says what is missing. No stack trace: it is an answer. */
public final class NotServingException extends RuntimeException {
  public NotServingException(String message) {
    super(message, null, false, false);
  }
}
