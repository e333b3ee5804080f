package io.quorate.client.recipe;

import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A lock that one at a time has, in the order in which they came; not reentrant. As every lock by lease it keeps honest clients apart
 * in time only as far as they look at {@link Held#lost}: what must not be done by two is to be fenced by {@link Held#guard}. Any thread.
 *
 * <p>Keys lie under {@code name/}. A split may cut them apart; the lock itself does not mind, but a transaction that is guarded by
 * it has keys in two regions then.
 */
public final class FairLock {
  private final Line line;
  private final Bytes prefix;
  private final Line.Rule rule;

  public FairLock(QuorateClient client, Bytes name) {
    this.line = new Line(client);
    this.prefix = name.concat(Bytes.utf8("/"));
    this.rule = Line.Rule.alone(KeyRange.prefix(prefix));
  }

  /**
   * Waits for the lock. Who does not want to wait any longer completes the future, by {@code cancel} or {@code orTimeout}.
   *
   * @return fails with {@link LostException} if the session ends first
   */
  public CompletableFuture<Held> acquire(Session session) {
    return line.enter(session, Line.ownKey(prefix, session), Bytes.EMPTY, rule);
  }

  /** The lock, if nobody has it or waits for it. */
  public CompletableFuture<Optional<Held>> tryAcquire(Session session) {
    return line.enterIfFree(session, Line.ownKey(prefix, session), Bytes.EMPTY, rule);
  }
}
