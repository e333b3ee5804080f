package io.quorate.client;

/**
 * A write was sent and its answer is lost: it may have been done, or may yet be. The client never repeats
 * it; read to find out.
 */
public final class OutcomeUnknownException extends QuorateException {
  OutcomeUnknownException(String message) {
    super(message);
  }

  private OutcomeUnknownException(OutcomeUnknownException original) {
    super(original);
  }

  @Override
  OutcomeUnknownException rethrown() {
    return new OutcomeUnknownException(this);
  }
}
