package io.quorate.region.host;

/** An ask that the oracle did not answer: nothing was drawn that anyone will use. No stack trace. */
public final class OracleException extends RuntimeException {
  public OracleException(String message) {
    super(message, null, false, false);
  }
}
