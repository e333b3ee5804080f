package io.quorate.client.placement;

import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.client.transport.CallTokens;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A process of the cluster proves itself by the cluster's key. Any thread. */
public record SystemTokens(ClusterKey key) implements CallTokens {
  @Override
  public CompletableFuture<Optional<String>> token() {
    return CompletableFuture.completedFuture(Optional.of(Callers.systemToken(key)));
  }

  @Override
  public void refused() {
    // Another token of the same key would say the same.
  }

  @Override
  public boolean isOpen(String method) {
    return false;
  }
}
