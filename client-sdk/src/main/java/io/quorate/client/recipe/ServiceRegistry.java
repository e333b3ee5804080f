package io.quorate.client.recipe;

import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Who offers a service, and where: instances are listed as long as their sessions live. Keys are {@code name/service/instance}. Any
 * thread.
 */
public final class ServiceRegistry {
  private static final Bytes SLASH = Bytes.utf8("/");

  private final QuorateClient client;
  private final Bytes prefix;

  public ServiceRegistry(QuorateClient client, Bytes name) {
    this.client = client;
    this.prefix = name.concat(SLASH);
  }

  private Bytes service(String service) {
    if (service.isEmpty() || service.contains("/")) {
      throw new IllegalArgumentException(
          "a service has a name without slashes, not '" + service + "'");
    }
    return prefix.concat(Bytes.utf8(service)).concat(SLASH);
  }

  /**
   * Lists an instance. Of two with one name the later counts, and the earlier is told that its key is gone: so an instance that
   * was restarted need not wait for its old lease.
   *
   * @param value where it is, for instance
   */
  public CompletableFuture<Held> register(
      Session session, String service, String instance, Bytes value) {
    if (instance.isEmpty()) {
      throw new IllegalArgumentException("an instance has a name");
    }
    Bytes key = service(service).concat(Bytes.utf8(instance));
    PutOptions underLease = PutOptions.DEFAULT.withLease(session.id());
    return Repeat.untilAnswered(() -> client.put(key, value, underLease), () -> !session.isLost())
        .exceptionallyCompose(
            failure -> CompletableFuture.failedFuture(Repeat.ofSession(failure, key)))
        .thenApply(put -> Held.taken(client, session, key, put.revision()));
  }

  /** Changes what an instance says of itself, if it is listed still; else {@link LostException}, and nothing is changed. */
  public CompletableFuture<Void> update(Held registration, Bytes value) {
    PutOptions underLease = PutOptions.DEFAULT.withLease(registration.session().id());
    return Repeat.untilAnswered(
            () -> client
                .txn()
                .when(registration.guard())
                .then(TxnOp.put(registration.key(), value, underLease))
                .commit(),
            registration::isHeld)
        .thenAccept(done -> {
          if (!done.succeeded()) {
            registration.lose(Loss.KEY_GONE);
            throw new CompletionException(new LostException(Loss.KEY_GONE, registration.key()));
          }
        });
  }

  /** The instances of a service, kept up to date. */
  public CompletableFuture<CachedPrefix> instances(String service, CachedPrefix.Listener listener) {
    return CachedPrefix.open(
        client, KeyRange.prefix(service(service)), CachedPrefix.Limits.DEFAULT, listener);
  }
}
