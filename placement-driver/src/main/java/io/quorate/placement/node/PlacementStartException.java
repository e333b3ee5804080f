package io.quorate.placement.node;

/** A PD could not start; the message says in one line why and what to do. No stack trace: it is for the operator. */
public final class PlacementStartException extends RuntimeException {
  public PlacementStartException(String message) {
    super(message, null, false, false);
  }
}
