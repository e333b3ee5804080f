package io.quorate.client.recipe;

import io.quorate.client.Compare;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Waiting in line under a prefix, first come first served: each who comes puts a key of his own under his lease; who came first is told
 * by the keys' create revisions. Any thread.
 */
/*
 * As in etcd's client/v3/concurrency, but each who waits has a key of his own, not each session, so that two threads of one
 * session exclude each other, too. A place is taken by a transaction on that key alone, and those ahead are read as of one revision:
 * whoever comes later has a greater one, wherever his key lies. So a prefix that is cut by a split serves as well.
 */
final class Line {
  /**
   * Who must go before one's turn comes.
   *
   * @param ahead where the keys lie that count
   * @param most so many of them matter
   * @param blockedBy of those ahead, latest first: where one must go before it is worth looking again; nothing if it is one's turn
   */
  record Rule(KeyRange ahead, int most, Function<List<KeyValue>, Optional<KeyRange>> blockedBy) {
    /** The one ahead must be gone. */
    static Rule alone(KeyRange ahead) {
      return new Rule(
          ahead, 1, before -> before.stream().findFirst().map(kv -> KeyRange.single(kv.key())));
    }
  }

  private final QuorateClient client;

  Line(QuorateClient client) {
    this.client = client;
  }

  /** A key that nobody else has. */
  static Bytes ownKey(Bytes prefix, Session session) {
    return prefix.concat(Bytes.utf8(
        String.format("%016x-%016x", session.id(), ThreadLocalRandom.current().nextLong())));
  }

  /**
   * Takes a place and waits for its turn. To complete the future otherwise, by {@code cancel} or {@code orTimeout}, is to leave the
   * line.
   */
  CompletableFuture<Held> enter(Session session, Bytes key, Bytes value, Rule rule) {
    return begin(session, key, value, rule, /* waits= */ true);
  }

  /** Takes a place, and leaves at once if it is not its turn. */
  CompletableFuture<Optional<Held>> enterIfFree(
      Session session, Bytes key, Bytes value, Rule rule) {
    return begin(session, key, value, rule, /* waits= */ false)
        .thenApply(Optional::of)
        .exceptionally(failure -> {
          if (Repeat.cause(failure) instanceof Taken) {
            return Optional.empty();
          }
          throw new CompletionException(Repeat.cause(failure));
        });
  }

  /** It is somebody else's turn. */
  private static final class Taken extends RuntimeException {
    Taken() {
      super("taken", null, false, false);
    }
  }

  private CompletableFuture<Held> begin(
      Session session, Bytes key, Bytes value, Rule rule, boolean waits) {
    CompletableFuture<Held> result = new CompletableFuture<>();
    CompletableFuture<Long> place =
        Repeat.untilAnswered(() -> take(session, key, value), () -> !result.isDone());
    Session.Reliance reliance =
        session.relied(why -> result.completeExceptionally(new LostException(Loss.of(why), key)));
    var unusedLeave = result.whenComplete((held, failure) -> {
      reliance.close();
      if (failure != null) {
        var unusedTold =
            place.whenComplete((revision, doubt) -> leave(session, key, doubt != null));
      }
    });
    var unusedWait = place.whenComplete((revision, failure) -> {
      if (failure != null) {
        result.completeExceptionally(Repeat.ofSession(failure, key));
      } else {
        new Vigil<>(
                client,
                () -> look(session, key, revision, rule, waits),
                result,
                held -> held.lose(Loss.RELEASED))
            .begin();
      }
    });
    return result;
  }

  /** The revision of one's place; taking it twice is taking it once. */
  private CompletableFuture<Long> take(Session session, Bytes key, Bytes value) {
    return client
        .txn()
        .when(Compare.absent(key))
        .then(TxnOp.put(key, value, PutOptions.DEFAULT.withLease(session.id())))
        .otherwise(TxnOp.get(key))
        .commit()
        .thenApply(done ->
            done.succeeded() ? done.revision() : done.range(0).kvs().get(0).createRevision());
  }

  private CompletableFuture<Vigil.Seen<Held>> look(
      Session session, Bytes key, long place, Rule rule, boolean waits) {
    RangeOptions before = RangeOptions.DEFAULT
        .filtered(new RevisionFilter(0, 0, 0, place - 1))
        .sortedBy(SortTarget.CREATE, SortOrder.DESCENDING)
        .withLimit(rule.most())
        .withoutCount();
    return client.range(rule.ahead(), before).thenCompose(ahead -> {
      Optional<KeyRange> blocked = rule.blockedBy().apply(ahead.kvs());
      if (blocked.isEmpty()) {
        return confirm(session, key, place);
      }
      return waits
          ? CompletableFuture.completedFuture(
              Vigil.Seen.waitFor(new Vigil.Awaited(blocked.get(), ahead.revision(), true)))
          : CompletableFuture.failedFuture(new Taken());
    });
  }

  /** Nobody is ahead, and nobody can come there any more; but is the place still there? */
  private CompletableFuture<Vigil.Seen<Held>> confirm(Session session, Bytes key, long place) {
    return client.get(key).thenApply(own -> {
      if (own.isEmpty() || own.get().createRevision() != place) {
        throw new CompletionException(new LostException(Loss.KEY_GONE, key));
      }
      return Vigil.Seen.enough(Held.created(client, session, key, place));
    });
  }

  /**
   * Gives a place up.
   *
   * @param doubt whether the key may be put yet, by a request whose fate is unknown
   */
  private void leave(Session session, Bytes key, boolean doubt) {
    if (session.isLost()) {
      return;
    }
    var unused = Repeat.untilAnswered(() -> client.delete(key), () -> !session.isLost());
    if (doubt) {
      // A request that is still on its way is void after its deadline.
      Repeat.pause(client.config().requestTimeout().toMillis())
          .execute(() -> leave(session, key, false));
    }
  }
}
