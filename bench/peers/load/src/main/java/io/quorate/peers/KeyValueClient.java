package io.quorate.peers;

import java.util.concurrent.CompletableFuture;

/** What the load generator asks of a peer's own client; any thread may call it. */
public interface KeyValueClient extends AutoCloseable {
  /** Completes when the write is durable on a majority, exceptionally when it failed. */
  CompletableFuture<?> put(byte[] key, byte[] value);

  /** Completes with the value a linearizable read saw, or with null if there is none. */
  CompletableFuture<byte[]> get(byte[] key);

  @Override
  void close();
}
