package io.quorate.client;

import com.google.protobuf.ByteString;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.LockResolver;
import io.quorate.model.Bytes;
import io.quorate.proto.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What one request has learned about the locks in its way. Owned by its call; one thread at a time.
 */
final class LockWait {
  /** What waits. */
  enum Kind {
    /** Reads the newest version of a key. */
    GET,
    /** Reads a range at a revision. */
    RANGE,
    /** Writes. */
    WRITE
  }

  private final Kind kind;
  private final Set<Bytes> passed = new LinkedHashSet<>();
  private int tries;

  LockWait(Kind kind) {
    this.kind = kind;
  }

  /**
   * Done when the request may be sent again.
   *
   * @param revision that a range read at
   */
  CompletableFuture<Void> unblock(
      LockResolver resolver, Refusal refusal, long revision, long deadlineNanos) {
    List<ForeignLock> locks = new ArrayList<>();
    refusal.getLocksList().forEach(lock -> locks.add(ForeignLock.of(lock)));
    int before = tries++;
    // A range that does not say at which revision it was to read has nothing to go past locks by.
    return kind == Kind.WRITE || (kind == Kind.RANGE && revision == 0)
        ? resolver.unblockWrite(locks, before, deadlineNanos)
        : resolver
            .unblockRead(locks, kind == Kind.GET ? 0 : revision, before, deadlineNanos)
            .thenAccept(passed::addAll);
  }

  /** Transactions whose locks need not hold the request back. */
  List<ByteString> passed() {
    return passed.stream().map(Bytes::toByteString).toList();
  }
}
