package io.quorate.client.recipe;

import io.quorate.client.Compare;
import io.quorate.client.Compare.Relation;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Something held by a key under a session's lease: a lock, a permit, an office, a place in a registry. It is held until it is given
 * back or {@link #lost} says otherwise, which is known here <em>after</em> somebody else may have it: what must not be done by two is
 * to be fenced, by {@link #guard} in a transaction or by {@link #token} where the work is done. Any thread.
 */
public final class Held implements AutoCloseable {
  private final QuorateClient client;
  private final Session session;
  private final Bytes key;
  private final long token;
  private final Compare guard;
  private final CompletableFuture<Loss> lost = new CompletableFuture<>();
  private volatile @Nullable Watch watch;

  private Held(QuorateClient client, Session session, Bytes key, long token, Compare guard) {
    this.client = client;
    this.session = session;
    this.key = key;
    this.token = token;
    this.guard = guard;
  }

  /** Of a key that was created for this alone. */
  static Held created(QuorateClient client, Session session, Bytes key, long revision) {
    return new Held(
            client, session, key, revision, Compare.createRevision(key, Relation.EQUAL, revision))
        .begin();
  }

  /** Of a key that may have been another's before. */
  static Held taken(QuorateClient client, Session session, Bytes key, long revision) {
    return new Held(
            client, session, key, revision, Compare.lease(key, Relation.EQUAL, session.id()))
        .begin();
  }

  private Held begin() {
    Session.Reliance reliance = session.relied(why -> lose(Loss.of(why)));
    var unused = lost.thenRun(reliance::close);
    watchKey(token);
    return this;
  }

  public Bytes key() {
    return key;
  }

  public Session session() {
    return session;
  }

  /**
   * The revision that gave it: greater than that of everybody who held it before. Who is given a smaller one than he has seen must
   * refuse.
   */
  public long token() {
    return token;
  }

  /** Holds in a transaction as long as this is held. */
  public Compare guard() {
    return guard;
  }

  /** Completes, never exceptionally, once it is given back or lost. */
  public CompletableFuture<Loss> lost() {
    return lost.copy();
  }

  /** Whether it is held for all that is known here. */
  public boolean isHeld() {
    return !lost.isDone() && !session.proven().isZero();
  }

  /** Gives it back: somebody else may have it when the future completes. */
  public CompletableFuture<Void> release() {
    lose(Loss.RELEASED);
    return Repeat.untilAnswered(
            () -> client.txn().when(guard).then(TxnOp.delete(key)).commit(), () -> true)
        .thenAccept(done -> {});
  }

  /** Gives it back and waits for that. */
  @Override
  public void close() {
    release().join();
  }

  void lose(Loss why) {
    if (lost.complete(why)) {
      Watch open = watch;
      if (open != null) {
        open.close();
      }
    }
  }

  private boolean isOurs(KeyValue kv) {
    return kv.lease() == session.id();
  }

  private void watchKey(long seen) {
    Watch opened = client.watch(
        KeyRange.single(key), WatchOptions.DEFAULT.from(seen + 1), new WatchListener() {
          @Override
          public void onUpdate(WatchUpdate update) {
            for (WatchEvent event : update.events()) {
              if (event.type() == WatchEvent.Type.DELETE || !isOurs(event.kv())) {
                lose(Loss.KEY_GONE);
              }
            }
          }

          @Override
          public void onEnd(Throwable why) {
            lookAgain();
          }
        });
    watch = opened;
    if (lost.isDone()) {
      opened.close();
    }
  }

  /** The watch ended, because of a compaction perhaps. */
  private void lookAgain() {
    if (lost.isDone()) {
      return;
    }
    var unused = Repeat.later(() -> client.range(KeyRange.single(key)))
        .whenComplete((found, failure) -> {
          if (failure != null) {
            if (Repeat.isPassing(failure)) {
              lookAgain();
            } else {
              lose(Loss.UNPROVEN);
            }
            return;
          }
          Optional<KeyValue> kv = found.kvs().stream().findFirst();
          if (kv.isPresent() && isOurs(kv.get())) {
            watchKey(found.revision());
          } else {
            lose(Loss.KEY_GONE);
          }
        });
  }
}
