package io.quorate.client.lease;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A lease that is kept alive until it is closed. Whoever relies on it watches {@link #lost}: after that, keys under the lease
 * may be gone. Any thread.
 */
public final class Session implements AutoCloseable {
  private final LeaseClient client;
  private final Lease lease;
  private final CompletableFuture<LeaseLoss> lost;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Set<Reliance> reliances = ConcurrentHashMap.newKeySet();

  /** Somebody who relies on a session; until it is closed, it is told once when the session is lost. Any thread. */
  public final class Reliance implements AutoCloseable {
    private final Consumer<LeaseLoss> told;

    private Reliance(Consumer<LeaseLoss> told) {
      this.told = told;
    }

    private void tell(LeaseLoss why) {
      if (reliances.remove(this)) {
        told.accept(why);
      }
    }

    @Override
    public void close() {
      reliances.remove(this);
    }
  }

  Session(LeaseClient client, Lease lease, CompletableFuture<LeaseLoss> lost) {
    this.client = client;
    this.lease = lease;
    this.lost = lost;
    var unused = lost.thenAccept(why -> reliances.forEach(each -> each.tell(why)));
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

  public boolean isLost() {
    return lost.isDone();
  }

  /** As {@link #lost}, for those who come and go while the session stays. */
  public Reliance relied(Consumer<LeaseLoss> told) {
    Reliance reliance = new Reliance(told);
    reliances.add(reliance);
    if (lost.isDone()) {
      reliance.tell(lost.join());
    }
    return reliance;
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
