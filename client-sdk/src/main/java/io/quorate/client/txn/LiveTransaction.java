package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.RevisionFilter;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One attempt of an interactive transaction: what it has read and written so far. Owned by its body; safe on any thread. */
final class LiveTransaction implements Transaction {
  /** What a key becomes; null is deleted. */
  private record Change(@Nullable Bytes value, long lease) {}

  private final StartReads reads;
  private final OwnWrites own = new OwnWrites();
  private final Map<Bytes, Change> changes = new LinkedHashMap<>();
  private final Set<KeyRange> reliedOn = new LinkedHashSet<>();
  /** Ranges of which all keys are in the state below. */
  private final Set<KeyRange> seen = new LinkedHashSet<>();

  private final StartState state = new StartState();
  private boolean over;

  LiveTransaction(StartReads reads) {
    this.reads = reads;
  }

  @Override
  public long start() {
    return reads.start();
  }

  @Override
  public CompletableFuture<Optional<KeyValue>> get(Bytes key) {
    RefusedException missing = missing(key);
    if (missing != null) {
      return CompletableFuture.failedFuture(missing);
    }
    synchronized (this) {
      checkOpen();
      if (own.wrote(key)) {
        return CompletableFuture.completedFuture(own.find(key));
      }
      reliedOn.add(KeyRange.single(key));
    }
    return reads.at(KeyRange.single(key), RangeOptions.DEFAULT.withoutCount()).thenApply(found -> {
      note(KeyRange.single(key), found, RangeOptions.DEFAULT);
      return found.kvs().stream().findFirst();
    });
  }

  @Override
  public CompletableFuture<RangeResult> range(KeyRange range, RangeOptions options) {
    if (options.revision() > 0) {
      return CompletableFuture.failedFuture(new IllegalArgumentException(
          "a transaction reads the state of its start: read others with a snapshot"));
    }
    boolean touched;
    synchronized (this) {
      checkOpen();
      if (!range.isEmpty()) {
        reliedOn.add(range);
      }
      touched = own.touch(range);
    }
    if (!touched) {
      return reads.at(range, options).thenApply(found -> {
        note(range, found, options);
        return found;
      });
    }
    return reads.whole(range, /* values= */ true).thenApply(below -> {
      note(range, new RangeResult(start(), below, false, 0), RangeOptions.DEFAULT);
      synchronized (this) {
        return RangeSelection.of(own.over(range, below), options, start());
      }
    });
  }

  private synchronized void note(KeyRange range, RangeResult found, RangeOptions options) {
    if (!found.more() && !options.countOnly() && options.filter().equals(RevisionFilter.NONE)) {
      seen.add(range);
      state.add(found.kvs(), /* whole= */ true);
    }
  }

  @Override
  public synchronized void put(Bytes key, Bytes value, long lease) {
    checkOpen();
    RefusedException missing = missing(key);
    if (missing != null) {
      throw missing;
    }
    own.put(new KeyValue(key, value, 0, 0, 0, lease));
    changes.remove(key);
    changes.put(key, new Change(value, lease));
  }

  @Override
  public synchronized void delete(Bytes key) {
    checkOpen();
    RefusedException missing = missing(key);
    if (missing != null) {
      throw missing;
    }
    own.delete(key);
    changes.remove(key);
    changes.put(key, new Change(null, 0));
  }

  @Override
  public CompletableFuture<Long> delete(KeyRange range) {
    synchronized (this) {
      checkOpen();
      if (!range.isEmpty()) {
        reliedOn.add(range);
      }
    }
    return reads.whole(range, /* values= */ false).thenApply(below -> {
      synchronized (this) {
        note(range, new RangeResult(start(), below, false, 0), RangeOptions.DEFAULT);
        List<KeyValue> doomed = own.over(range, below);
        doomed.forEach(kv -> delete(kv.key()));
        return (long) doomed.size();
      }
    });
  }

  private static @Nullable RefusedException missing(Bytes key) {
    return TxnRules.checkPut(new TxnOp.Put(key, Bytes.EMPTY, PutOptions.DEFAULT))
        .orElse(null);
  }

  private void checkOpen() {
    if (over) {
      throw new IllegalStateException("the transaction is over: nothing may be kept of it");
    }
  }

  /**
   * What is to be committed.
   *
   * @param writes none if it only reads
   * @param reliedOn what must not have changed
   */
  record Work(List<KeyWrite> writes, List<KeyRange> reliedOn) {}

  /** Ends the body's part; what was deleted unseen is looked at first, since deleting nothing is no write. */
  CompletableFuture<Work> finish() {
    List<Bytes> unseen = new ArrayList<>();
    synchronized (this) {
      checkOpen();
      over = true;
      changes.forEach((key, change) -> {
        if (change.value() == null && !isKnown(key)) {
          unseen.add(key);
        }
      });
      unseen.forEach(key -> reliedOn.add(KeyRange.single(key)));
    }
    CompletableFuture<?>[] looks = unseen.stream()
        .map(key -> reads
            .whole(KeyRange.single(key), /* values= */ false)
            .thenAccept(kvs -> note(
                KeyRange.single(key), new RangeResult(0, kvs, false, 0), RangeOptions.DEFAULT)))
        .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(looks).thenApply(done -> work());
  }

  private boolean isKnown(Bytes key) {
    return seen.stream().anyMatch(range -> range.contains(key));
  }

  private synchronized Work work() {
    List<KeyWrite> writes = new ArrayList<>();
    changes.forEach((key, change) -> {
      if (change.value() != null || state.find(key).isPresent()) {
        writes.add(new KeyWrite(key, change.value(), change.lease(), writes.size()));
      }
    });
    return new Work(writes, List.copyOf(reliedOn));
  }
}
