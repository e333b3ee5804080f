package io.quorate.client.transport;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What calls prove their maker by. Any thread. */
public interface CallTokens {
  /** The token for a call; nothing if none is needed. */
  CompletableFuture<Optional<String>> token();

  /** A call was turned away for what it showed. */
  void refused();

  /**
   * Whether calls of the method go without.
   *
   * @param method its full name
   */
  boolean isOpen(String method);
}
