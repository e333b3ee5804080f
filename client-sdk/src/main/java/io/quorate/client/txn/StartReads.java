package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.txn.CommitStep.Conflict;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Reads the state at one revision, which was the newest after the transaction began. Made for one attempt; any thread.
 *
 * @param start the revision
 * @param maxKeys of a range that is needed as a whole
 * @param givesWay whether a living transaction that writes what is read here ends the attempt. Who is going to write would
 *     only conflict with it later, and to have it commit later still, again and again, could keep it from ever committing
 */
record StartReads(
    CommitRequests requests, long start, int maxKeys, boolean givesWay, long deadlineNanos) {
  /** All keys of a range, in key order; refused if there are too many. */
  CompletableFuture<List<KeyValue>> whole(KeyRange range, boolean values) {
    RangeOptions options = RangeOptions.DEFAULT.withoutCount().withLimit(maxKeys + 1L);
    return at(range, values ? options : options.withKeysOnly()).thenApply(found -> {
      if (found.kvs().size() > maxKeys) {
        throw TxnRules.refusal(
                RefusalCode.INVALID_ARGUMENT,
                "quorate: a transaction over several regions may change, or read beside its own"
                    + " writes, ranges of at most " + maxKeys + " keys")
            .orElseThrow();
      }
      return found.kvs();
    });
  }

  /** A range at the start. */
  CompletableFuture<RangeResult> at(KeyRange range, RangeOptions options) {
    return requests
        .range(range, options.at(start).withBelowCompacted(), givesWay, deadlineNanos)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(told(failure)));
  }

  private static Throwable told(Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof LocksInTheWayException met) {
      return new ConflictException(
          new Conflict("another transaction writes what it reads", met.locks()));
    }
    return cause instanceof RefusedException refused && refused.code() == RefusalCode.COMPACTED
        ? new ConflictException(
            new Conflict("the state it read was compacted meanwhile", List.of()))
        : failure;
  }

  /** A range at the revision that its options name. */
  CompletableFuture<RangeResult> pinned(KeyRange range, RangeOptions options) {
    return options.revision() > start
        ? CompletableFuture.failedFuture(TxnRules.refusal(
                RefusalCode.FUTURE_REVISION,
                "etcdserver: mvcc: required revision is a future revision")
            .orElseThrow())
        : requests.range(range, options, /* givesWay= */ false, deadlineNanos);
  }

  /** Brings what is needed as a whole into the state, and gives the rest by place. */
  CompletableFuture<Map<Integer, RangeResult>> fetch(TxnReads reads, StartState into) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    reads
        .whole()
        .forEach((range, values) -> all.add(whole(range, values).thenAccept(kvs -> {
          synchronized (into) {
            into.add(kvs, values);
          }
        })));
    Map<Integer, RangeResult> direct = new HashMap<>();
    for (TxnReads.Direct each : reads.direct()) {
      CompletableFuture<RangeResult> answer =
          each.pinned() ? pinned(each.range(), each.options()) : at(each.range(), each.options());
      all.add(answer.thenAccept(result -> {
        synchronized (into) {
          direct.put(each.place(), result);
        }
      }));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> direct);
  }

  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
