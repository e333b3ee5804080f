package io.quorate.client;

/**
 * Not done within the deadline, and certainly never will be: it may be tried again.
 */
public final class UnavailableException extends QuorateException {
  /**
   * Makes one.
   *
   * @param message why, in one line
   */
  public UnavailableException(String message) {
    super(message);
  }

  private UnavailableException(UnavailableException original) {
    super(original);
  }

  @Override
  UnavailableException rethrown() {
    return new UnavailableException(this);
  }
}
