package io.quorate.client.recipe;

import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * So many permits, given in the order in which they were asked for. As to fences and splits see {@link FairLock}. Each permit that is
 * given back wakes all who wait: meant for tens of waiters, not for thousands. Any thread.
 */
public final class Semaphore {
  /** Permits of one semaphore: each look reads as many keys. */
  public static final int MAX_PERMITS = 1000;

  private final Line line;
  private final Bytes prefix;
  private final Bytes value;
  private final int permits;

  /**
   * A semaphore.
   *
   * @param permits 1 to {@link #MAX_PERMITS}, the same for all who use it: who finds another number ahead of him fails
   */
  public Semaphore(QuorateClient client, Bytes name, int permits) {
    if (permits < 1 || permits > MAX_PERMITS) {
      throw new IllegalArgumentException("a semaphore has 1 to " + MAX_PERMITS + " permits");
    }
    this.line = new Line(client);
    this.prefix = name.concat(Bytes.utf8("/"));
    this.value = Bytes.utf8(Integer.toString(permits));
    this.permits = permits;
  }

  /** Waits for a permit; as {@link FairLock#acquire}. */
  public CompletableFuture<Held> acquire(Session session) {
    return line.enter(session, Line.ownKey(prefix, session), value, rule());
  }

  /** A permit, if there is one for which nobody waits. */
  public CompletableFuture<Optional<Held>> tryAcquire(Session session) {
    return line.enterIfFree(session, Line.ownKey(prefix, session), value, rule());
  }

  private Line.Rule rule() {
    return new Line.Rule(KeyRange.prefix(prefix), permits, this::blockedBy);
  }

  private Optional<KeyRange> blockedBy(List<KeyValue> ahead) {
    for (KeyValue other : ahead) {
      if (!other.value().equals(value)) {
        throw new IllegalStateException("the semaphore " + prefix + " has " + other.value()
            + " permits for others, not " + permits);
      }
    }
    return ahead.size() < permits ? Optional.empty() : Optional.of(KeyRange.prefix(prefix));
  }
}
