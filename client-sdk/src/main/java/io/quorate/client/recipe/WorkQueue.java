package io.quorate.client.recipe;

import io.quorate.client.Compare;
import io.quorate.client.Compare.Relation;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A queue of work, first in first out. An item is claimed by one at a time and is gone once he says it is done; if his session ends
 * before that, somebody else gets it. So each item is done at least once, and "done" is said of it once. Any thread.
 *
 * <p>An item's key is {@code name/} and the keyspace's revision when it was put, so that an item that is put after another was
 * acknowledged comes behind it; its claim is the next key, with {@code /c} behind. Each change wakes all who wait for work.
 */
public final class WorkQueue {
  private static final Bytes CLAIM = Bytes.utf8("/c");
  /** Keys of one page of the search for an item that nobody has claimed. */
  private static final int PAGE = 100;

  private final QuorateClient client;
  private final Bytes prefix;

  public WorkQueue(QuorateClient client, Bytes name) {
    this.client = client;
    this.prefix = name.concat(Bytes.utf8("/"));
  }

  /** Puts an item at the end, once, whatever becomes of answers. Completes with its key. */
  public CompletableFuture<Bytes> put(Bytes value) {
    return Repeat.untilAnswered(client::snapshot, () -> true).thenCompose(now -> {
      Bytes key = prefix.concat(Bytes.utf8(String.format(
          "%016x-%016x", now.revision(), ThreadLocalRandom.current().nextLong())));
      return client
          .txn()
          .when(Compare.absent(key))
          .then(TxnOp.put(key, value))
          .commit()
          .thenApply(done -> key);
    });
  }

  /**
   * Waits for the first item that nobody has claimed, and claims it. Who does not want to wait any longer completes the future.
   *
   * @return fails with {@link LostException} if the session ends first
   */
  public CompletableFuture<Item> take(Session session) {
    CompletableFuture<Item> taken = new CompletableFuture<>();
    Session.Reliance reliance =
        session.relied(why -> taken.completeExceptionally(new LostException(Loss.of(why), prefix)));
    var unused = taken.whenComplete((item, failure) -> reliance.close());
    new Vigil<>(client, () -> look(session, prefix, 0), taken, Item::giveBack).begin();
    return taken;
  }

  /** Items that are not done. */
  public CompletableFuture<Long> size() {
    return client
        .range(KeyRange.prefix(prefix), RangeOptions.DEFAULT.withKeysOnly().withoutCount())
        .thenApply(
            found -> found.kvs().stream().filter(kv -> !isClaim(kv.key())).count());
  }

  private static boolean isClaim(Bytes key) {
    int length = key.length();
    return length > CLAIM.length() && key.slice(length - CLAIM.length(), length).equals(CLAIM);
  }

  /** A page of the search, all pages at one revision. */
  private CompletableFuture<Vigil.Seen<Item>> look(Session session, Bytes from, long revision) {
    RangeOptions page = RangeOptions.DEFAULT.withLimit(PAGE).withoutCount().at(revision);
    KeyRange rest = KeyRange.of(from, prefix.prefixEnd());
    return client.range(rest, page).thenCompose(found -> {
      List<KeyValue> kvs = found.kvs();
      for (int i = 0; i < kvs.size(); i++) {
        KeyValue kv = kvs.get(i);
        boolean last = i + 1 == kvs.size();
        if (last && found.more()) {
          // Whether it is claimed stands on the next page.
          return look(session, kv.key(), found.revision());
        }
        if (!isClaim(kv.key()) && (last || !kvs.get(i + 1).key().equals(kv.key().concat(CLAIM)))) {
          return claim(session, kv);
        }
      }
      return CompletableFuture.completedFuture(Vigil.Seen.waitFor(
          new Vigil.Awaited(KeyRange.prefix(prefix), found.revision(), /* deletesOnly= */ false)));
    });
  }

  private CompletableFuture<Vigil.Seen<Item>> claim(Session session, KeyValue item) {
    Bytes claim = item.key().concat(CLAIM);
    Bytes nonce = Bytes.utf8(String.format("%016x", ThreadLocalRandom.current().nextLong()));
    PutOptions underLease = PutOptions.DEFAULT.withLease(session.id());
    // Unknown outcomes end here: it is asked whether the claim is this one's.
    return Repeat.untilAnswered(
            () -> client
                .txn()
                .when(
                    Compare.modRevision(item.key(), Relation.EQUAL, item.modRevision()),
                    Compare.absent(claim))
                .then(TxnOp.put(claim, nonce, underLease))
                .otherwise(TxnOp.get(claim))
                .commit(),
            () -> !session.isLost())
        .exceptionallyCompose(
            failure -> CompletableFuture.failedFuture(Repeat.ofSession(failure, claim)))
        .thenApply(done -> {
          if (done.succeeded()) {
            return seen(session, item, claim, done.revision());
          }
          Optional<KeyValue> other = done.range(0).kvs().stream().findFirst();
          return other.isPresent() && other.get().value().equals(nonce)
              ? seen(session, item, claim, other.get().createRevision())
              : Vigil.Seen.again();
        });
  }

  private Vigil.Seen<Item> seen(Session session, KeyValue item, Bytes claim, long token) {
    return Vigil.Seen.enough(new Item(item, Held.created(client, session, claim, token)));
  }

  /** A claimed item. Any thread. */
  public final class Item implements AutoCloseable {
    private final KeyValue item;
    private final Held claim;

    private Item(KeyValue item, Held claim) {
      this.item = item;
      this.claim = claim;
    }

    public Bytes key() {
      return item.key();
    }

    public Bytes value() {
      return item.value();
    }

    /** The claim: its token fences what is done with the item; to give it back is to leave the item to others. */
    public Held claim() {
      return claim;
    }

    /** The item is done and gone; {@link LostException} if the claim was lost, and somebody else may be at it. */
    public CompletableFuture<Void> done() {
      return Repeat.untilAnswered(
              () -> client
                  .txn()
                  .when(claim.guard())
                  .then(TxnOp.delete(item.key()), TxnOp.delete(claim.key()))
                  .otherwise(TxnOp.get(item.key()))
                  .commit(),
              () -> true)
          .thenAccept(done -> {
            boolean gone = done.succeeded() || done.range(0).kvs().isEmpty();
            claim.lose(gone ? Loss.RELEASED : Loss.KEY_GONE);
            if (!gone) {
              throw new CompletionException(new LostException(Loss.KEY_GONE, claim.key()));
            }
          });
    }

    private void giveBack() {
      var unused = claim.release();
    }

    /** Leaves the item to others, unless it is done. */
    @Override
    public void close() {
      claim.close();
    }
  }
}
