package io.quorate.peers;

import java.util.concurrent.CompletableFuture;

/** What the load generator asks of a peer's own client; any thread may call it. */
public interface KeyValueClient extends AutoCloseable {
  /** Completes when the write is durable on a majority, exceptionally when it failed. */
  CompletableFuture<?> put(byte[] key, byte[] value);

  /** Completes with the value a linearizable read saw, or with null if there is none. */
  CompletableFuture<byte[]> get(byte[] key);

  /** A put that completes when a watch has told of it, for peers that have watches. */
  default CompletableFuture<?> putAndHear(byte[] key, byte[] value) {
    throw new UnsupportedOperationException("this peer's watches are not measured");
  }

  @Override
  void close();
}
