package io.quorate.client.lease;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lease that is kept alive until it is closed. Whoever relies on it watches {@link #lost}: after that, keys under the lease
 * may be gone. Any thread.
 */
public final class Session implements AutoCloseable {
  private final LeaseClient client;
  private final Lease lease;
  private final CompletableFuture<LeaseLoss> lost;
  private final AtomicBoolean closed = new AtomicBoolean();

  Session(LeaseClient client, Lease lease, CompletableFuture<LeaseLoss> lost) {
    this.client = client;
    this.lease = lease;
    this.lost = lost;
  }

  public Lease lease() {
    return lease;
  }

  /** Id of the lease, to put keys under it. */
  public long id() {
    return lease.id();
  }

  /** Completes, never exceptionally, once the lease is lost, can be proven no longer, or the session is closed. */
  public CompletableFuture<LeaseLoss> lost() {
    return lost.copy();
  }

  /** For how long the lease is still proven to live; zero once it is not. */
  public Duration proven() {
    return Duration.ofNanos(client.keeper().provenNanos(lease.id()));
  }

  /** Stops keeping the lease alive and revokes it: its keys are gone when the future completes. */
  public CompletableFuture<Void> end() {
    closed.set(true);
    client.keeper().stop(lease.id(), LeaseLoss.CLOSED);
    return client.revoke(lease.id());
  }

  /** Stops keeping the lease alive: its keys go when its time is over. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      client.keeper().stop(lease.id(), LeaseLoss.CLOSED);
    }
  }
}
