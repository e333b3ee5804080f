package io.quorate.client.recipe;

import io.quorate.client.Compare;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A gate: who comes waits while it is shut. One key, the name itself. Any thread. */
public final class Barrier {
  private final QuorateClient client;
  private final Bytes key;

  public Barrier(QuorateClient client, Bytes name) {
    this.client = client;
    this.key = name;
  }

  /**
   * Shuts it until it is opened; of an unknown outcome it fails, and may be repeated.
   *
   * @return whether it was open
   */
  public CompletableFuture<Boolean> shut() {
    return shut(PutOptions.DEFAULT);
  }

  /** Shuts it until it is opened, or the session's lease ends. */
  public CompletableFuture<Boolean> shut(Session session) {
    return shut(PutOptions.DEFAULT.withLease(session.id()));
  }

  private CompletableFuture<Boolean> shut(PutOptions options) {
    return client
        .txn()
        .when(Compare.absent(key))
        .then(TxnOp.put(key, Bytes.EMPTY, options))
        .commit()
        .thenApply(done -> done.succeeded());
  }

  /** Opens it: all who wait may pass. */
  public CompletableFuture<Void> open() {
    return Repeat.untilAnswered(() -> client.delete(key), () -> true).thenAccept(done -> {});
  }

  /**
   * Waits until it is open; who does not want to wait any longer completes the future.
   *
   * @return a revision at which it was open
   */
  public CompletableFuture<Long> pass() {
    CompletableFuture<Long> passed = new CompletableFuture<>();
    new Vigil<>(client, this::look, passed, revision -> {}).begin();
    return passed;
  }

  private CompletableFuture<Vigil.Seen<Long>> look() {
    return client
        .range(KeyRange.single(key), RangeOptions.DEFAULT.withKeysOnly())
        .thenApply(found -> {
          if (found.kvs().isEmpty()) {
            return new Vigil.Seen<>(Optional.of(found.revision()), Optional.empty());
          }
          return Vigil.Seen.waitFor(
              new Vigil.Awaited(KeyRange.single(key), found.revision(), /* deletesOnly= */ true));
        });
  }
}
