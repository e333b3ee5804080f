package io.quorate.client.watch;

import java.util.concurrent.CompletableFuture;

/** A watch under way. It goes on through splits, moves and restarts until it is closed or says why it ended. Any thread. */
public interface Watch extends AutoCloseable {
  /** Completes with the first revision that is watched; fails if the watch ended before that was known. */
  CompletableFuture<Long> started();

  /** All up to here has been handed to the listener; start at the next one to resume. */
  long revision();

  /** Asks for an update without events, once all up to now has been told. */
  void requestProgress();

  /** Completes when the watch was closed; fails with the reason when it ended otherwise. */
  CompletableFuture<Void> done();

  /** Ends it; a call of the listener that runs may still end after this returns, and none follows. */
  @Override
  void close();
}
