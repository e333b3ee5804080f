package io.quorate.client.recipe;

import io.quorate.client.QuorateClient;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A lock that many readers have, or one writer, in the order in which they came: readers who come after a waiting writer wait for it. Not
 * reentrant. As to fences and splits see {@link FairLock}; keys lie under {@code name/r/} and {@code name/w/}. Any thread.
 */
public final class FairReadWriteLock {
  private final Line line;
  private final Bytes readers;
  private final Bytes writers;
  private final Line.Rule afterWriters;
  private final Line.Rule afterAll;

  public FairReadWriteLock(QuorateClient client, Bytes name) {
    this.line = new Line(client);
    Bytes prefix = name.concat(Bytes.utf8("/"));
    this.readers = prefix.concat(Bytes.utf8("r/"));
    this.writers = prefix.concat(Bytes.utf8("w/"));
    this.afterWriters = Line.Rule.alone(KeyRange.prefix(writers));
    this.afterAll = Line.Rule.alone(KeyRange.prefix(prefix));
  }

  /** Waits for the lock, to share it with readers; as {@link FairLock#acquire}. */
  public CompletableFuture<Held> read(Session session) {
    return line.enter(session, Line.ownKey(readers, session), Bytes.EMPTY, afterWriters);
  }

  /** Waits for the lock, to have it alone; as {@link FairLock#acquire}. */
  public CompletableFuture<Held> write(Session session) {
    return line.enter(session, Line.ownKey(writers, session), Bytes.EMPTY, afterAll);
  }

  /** The lock for reading, if no writer has it or waits for it. */
  public CompletableFuture<Optional<Held>> tryRead(Session session) {
    return line.enterIfFree(session, Line.ownKey(readers, session), Bytes.EMPTY, afterWriters);
  }

  /** The lock for writing, if nobody has it or waits for it. */
  public CompletableFuture<Optional<Held>> tryWrite(Session session) {
    return line.enterIfFree(session, Line.ownKey(writers, session), Bytes.EMPTY, afterAll);
  }
}
