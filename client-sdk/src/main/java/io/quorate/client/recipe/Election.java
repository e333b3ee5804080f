package io.quorate.client.recipe;

import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * One of many leads, and tells the others something: who came first, as long as his session lives. As to fences and splits see {@link
 * FairLock}. Any thread.
 */
public final class Election {
  private final QuorateClient client;
  private final Line line;
  private final Bytes prefix;

  public Election(QuorateClient client, Bytes name) {
    this.client = client;
    this.line = new Line(client);
    this.prefix = name.concat(Bytes.utf8("/"));
  }

  /**
   * Waits until it leads; as {@link FairLock#acquire}. The one who leads resigns by giving back what he holds.
   *
   * @param value what the leader has to tell
   */
  public CompletableFuture<Held> campaign(Session session, Bytes value) {
    return line.enter(
        session, Line.ownKey(prefix, session), value, Line.Rule.alone(KeyRange.prefix(prefix)));
  }

  /** Tells something else, if it leads still; else {@link LostException}, and nothing is changed. */
  public CompletableFuture<Void> proclaim(Held leadership, Bytes value) {
    PutOptions underLease = PutOptions.DEFAULT.withLease(leadership.session().id());
    return Repeat.untilAnswered(
            () -> client
                .txn()
                .when(leadership.guard())
                .then(TxnOp.put(leadership.key(), value, underLease))
                .commit(),
            leadership::isHeld)
        .thenAccept(done -> {
          if (!done.succeeded()) {
            leadership.lose(Loss.KEY_GONE);
            throw new CompletionException(new LostException(Loss.KEY_GONE, leadership.key()));
          }
        });
  }

  /** Who leads as of now: the create revision is the leader's token. */
  public CompletableFuture<Optional<KeyValue>> leader() {
    RangeOptions first = RangeOptions.DEFAULT
        .sortedBy(SortTarget.CREATE, SortOrder.ASCENDING)
        .withLimit(1)
        .withoutCount();
    return client
        .range(KeyRange.prefix(prefix), first)
        .thenApply(found -> found.kvs().stream().findFirst());
  }

  /**
   * Tells who leads, now and whenever that or what he proclaims changes, until it is closed; several changes may be told as one.
   *
   * @param heard called on the client's callback threads, one call at a time; nothing if nobody leads
   * @param ended told why, if it ends by itself
   */
  public CompletableFuture<CachedPrefix> observe(
      Consumer<Optional<KeyValue>> heard, Consumer<Throwable> ended) {
    return CachedPrefix.open(
        client, KeyRange.prefix(prefix), CachedPrefix.Limits.DEFAULT, new CachedPrefix.Listener() {
          private Optional<KeyValue> told = Optional.empty();
          private boolean any;

          @Override
          public void onChange(CachedPrefix.View view) {
            Optional<KeyValue> leader = view.keys().values().stream()
                .min(Comparator.comparingLong(KeyValue::createRevision));
            if (!any || !leader.equals(told)) {
              any = true;
              told = leader;
              heard.accept(leader);
            }
          }

          @Override
          public void onEnd(Throwable why) {
            ended.accept(why);
          }
        });
  }
}
