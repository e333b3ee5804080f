package io.quorate.client.txn;

import java.util.concurrent.CompletableFuture;

/** How a thread waits for a future, given by the client that knows which exceptions it may meet. */
public interface Waiting {
  /**
   * The value, or the exception that the future failed with.
   *
   * @param writes whether giving up the wait leaves it open what was done
   */
  <T> T on(CompletableFuture<T> future, boolean writes);
}
