package io.quorate.client;

import io.quorate.client.txn.BlockingTransaction;
import io.quorate.client.txn.Committed;
import io.quorate.client.txn.TransactionId;
import io.quorate.client.txn.TransactionStatus;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@link QuorateClient} for callers that wait: the same requests, deadlines and exceptions. Safe on
 * any thread except the client's I/O threads. The waiting thread is woken by the I/O thread itself.
 */
public final class BlockingClient {
  private final QuorateClient client;

  BlockingClient(QuorateClient client) {
    this.client = client;
  }

  public PutResult put(Bytes key, Bytes value) {
    return put(key, value, PutOptions.DEFAULT);
  }

  public PutResult put(Bytes key, Bytes value, PutOptions options) {
    return QuorateClient.await(client.put(key, value, options, /* direct= */ true), true);
  }

  public Optional<KeyValue> get(Bytes key) {
    return QuorateClient.await(client.get(key, Optional.empty(), /* direct= */ true), false);
  }

  public Optional<KeyValue> get(Bytes key, Duration timeout) {
    return QuorateClient.await(client.get(key, Optional.of(timeout), /* direct= */ true), false);
  }

  public DeleteResult delete(Bytes key) {
    return deleteRange(KeyRange.single(key), DeleteOptions.DEFAULT);
  }

  public DeleteResult deleteRange(KeyRange range, DeleteOptions options) {
    return QuorateClient.await(client.delete(range, options, /* direct= */ true), true);
  }

  public RangeResult range(KeyRange range) {
    return range(range, RangeOptions.DEFAULT);
  }

  public RangeResult range(KeyRange range, RangeOptions options) {
    return QuorateClient.await(client.rangeDirect(range, options), false);
  }

  public long count(KeyRange range) {
    return range(range, RangeOptions.DEFAULT.withCountOnly()).count();
  }

  public void compact(long revision) {
    var unused = QuorateClient.await(client.compactDirect(revision).thenApply(done -> true), true);
  }

  public Snapshot snapshot() {
    return QuorateClient.await(client.snapshotDirect(), false);
  }

  public TxnBuilder<TxnResult> txn() {
    return new TxnBuilder<>((txn, timeout) ->
        QuorateClient.await(client.commit(txn, timeout, /* direct= */ true), txn.writes()));
  }

  /** As {@link #transact(Function, Duration)}, within the client's timeout. */
  public <T> Committed<T> transact(Function<BlockingTransaction, T> body) {
    return transact(body, client.config().requestTimeout());
  }

  /**
   * Runs a body that reads the state of one revision and writes over it, on this thread, and commits what it wrote if what it
   * read is still so then; else runs it again. If it throws, nothing is done.
   *
   * @param timeout of all attempts together
   */
  public <T> Committed<T> transact(Function<BlockingTransaction, T> body, Duration timeout) {
    return client
        .transactions()
        .transact(body, System.nanoTime() + timeout.toNanos(), QuorateClient::await);
  }

  /** What became of a transaction, after {@link OutcomeUnknownException}. */
  public TransactionStatus transactionStatus(TransactionId id) {
    return QuorateClient.await(client.transactionStatus(id), false);
  }

  /** The range in key order at one revision; one page is held while the next is fetched. */
  public Iterator<KeyValue> iterate(KeyRange range, RangeOptions options) {
    return new PagedIterator(client.pages(range, options));
  }

  /** Walks pages; used by one thread. */
  private static final class PagedIterator implements Iterator<KeyValue> {
    private final PageReader pages;
    private List<KeyValue> page = List.of();
    private int at;
    private @Nullable CompletableFuture<Optional<RangeResult>> ahead;
    private boolean ended;

    PagedIterator(PageReader pages) {
      this.pages = pages;
      this.ahead = pages.nextDirect();
    }

    @Override
    public boolean hasNext() {
      CompletableFuture<Optional<RangeResult>> coming = ahead;
      while (at == page.size() && !ended && coming != null) {
        Optional<RangeResult> next = QuorateClient.await(coming, false);
        if (next.isEmpty()) {
          ended = true;
          ahead = null;
        } else {
          page = next.get().kvs();
          at = 0;
          coming = pages.nextDirect();
          ahead = coming;
        }
      }
      return at < page.size();
    }

    @Override
    public KeyValue next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return page.get(at++);
    }
  }
}
