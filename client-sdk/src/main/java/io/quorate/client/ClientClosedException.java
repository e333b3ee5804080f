package io.quorate.client;

/**
 * The client was closed before the request was sent: it certainly was not done.
 */
public final class ClientClosedException extends QuorateException {
  /**
   * Makes one.
   *
   * @param message why, in one line
   */
  public ClientClosedException(String message) {
    super(message);
  }

  private ClientClosedException(ClientClosedException original) {
    super(original);
  }

  @Override
  ClientClosedException rethrown() {
    return new ClientClosedException(this);
  }
}
