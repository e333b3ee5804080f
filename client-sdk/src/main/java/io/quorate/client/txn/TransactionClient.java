package io.quorate.client.txn;

import io.quorate.client.ClientClosedException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.RefusedException;
import io.quorate.client.Txn;
import io.quorate.client.TxnResult;
import io.quorate.client.UnavailableException;
import io.quorate.client.txn.CommitRequests.Head;
import io.quorate.client.txn.CommitStep.Conflict;
import io.quorate.client.txn.CommitStep.Done;
import io.quorate.client.txn.CommitStep.NotDone;
import io.quorate.client.txn.CommitStep.Refusal;
import io.quorate.client.txn.CommitStep.Unknown;
import io.quorate.client.txn.CommitStep.Verdict;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Transactions over any keys, strictly serializable. Owned by the client; safe on any thread. Futures may complete on I/O threads;
 * the client's own methods hand them over.
 */
/*
 * What reads only is done with its reads, all at one revision. What lies in one region is one entry of its log, under the
 * condition that what was read is as it was. All else goes the way of the coordinator.
 */
public final class TransactionClient {
  /** Ranges that a primary is told; part of the protocol. */
  private static final int SPANS_MAX = 1024;

  private static final int GIVES_WAY_ATTEMPTS = 16;

  private final CommitRequests requests;
  private final TransactionLimits limits;
  private final LockResolver resolver;
  private final Attempts attempts;
  private final CommitSession.Surroundings around;

  /**
   * Made by the client.
   *
   * @param settling time for each request that follows a decision
   * @param goesOn asked before each step of a commit over several regions; false ends it there, as if this process had died
   */
  public TransactionClient(
      CommitRequests requests,
      LockResolver resolver,
      TransactionLimits limits,
      Duration settling,
      Predicate<CommitStep> goesOn) {
    this.requests = requests;
    this.limits = limits;
    this.resolver = resolver;
    this.attempts = new Attempts(requests, resolver, limits);
    this.around = new CommitSession.Surroundings(
        requests, resolver, limits, new Semaphore(limits.background()), settling, goesOn);
  }

  /**
   * Runs a body over a state of one revision and commits what it writes, if what it read is still so then; else runs it again.
   * A failure of the body ends it, with nothing done.
   *
   * @param body runs on the callback threads, possibly several times
   * @return fails with {@link OutcomeUnknownException} that names the attempt if it is not known whether it was done
   */
  public <T> CompletableFuture<Committed<T>> transact(
      Function<Transaction, CompletableFuture<T>> body, long deadlineNanos) {
    return attempt(body, 1, 0, deadlineNanos);
  }

  /**
   * One attempt, and those after it.
   *
   * @param first start of the first one; 0 if this is it
   */
  private <T> CompletableFuture<Committed<T>> attempt(
      Function<Transaction, CompletableFuture<T>> body,
      int number,
      long first,
      long deadlineNanos) {
    return begin(number, deadlineNanos).thenCompose(transaction -> {
      long since = first == 0 ? transaction.start() : first;
      return CompletableFuture.completedFuture(transaction)
          .thenComposeAsync(body, requests.callbacks())
          .thenCompose(value -> commit(transaction, deadlineNanos)
              .thenApply(revision -> new Committed<>(value, revision, number)))
          .exceptionallyCompose(failure ->
              StartReads.cause(failure) instanceof ConflictException met
                  ? attempts
                      .afterConflict(met.conflict(), since, number, deadlineNanos)
                      .thenCompose(go -> attempt(body, number + 1, since, deadlineNanos))
                  : CompletableFuture.failedFuture(failure));
    });
  }

  /** That one transaction may write. */
  public int maxKeys() {
    return limits.maxKeys();
  }

  /** Runs a body on the calling thread; as {@link #transact}. */
  public <T> Committed<T> transact(
      Function<BlockingTransaction, T> body, long deadlineNanos, Waiting waiting) {
    long since = 0;
    for (int number = 1; ; number++) {
      Conflict conflict;
      LiveTransaction transaction = waiting.on(begin(number, deadlineNanos), /* writes= */ false);
      since = since == 0 ? transaction.start() : since;
      try {
        T value = body.apply(new WaitingTransaction(transaction, waiting));
        long revision = waiting.on(commit(transaction, deadlineNanos), /* writes= */ true);
        return new Committed<>(value, revision, number);
      } catch (ConflictException met) {
        conflict = met.conflict();
      }
      var unused = waiting.on(
          attempts.afterConflict(conflict, since, number, deadlineNanos).thenApply(done -> true),
          /* writes= */ false);
    }
  }

  /** A body that gave way in vain so often may be one that only reads: it goes past locks as any reader does. */
  private CompletableFuture<LiveTransaction> begin(int number, long deadlineNanos) {
    return requests
        .current(deadlineNanos)
        .thenApply(start ->
            new LiveTransaction(reads(start, number <= GIVES_WAY_ATTEMPTS, deadlineNanos)));
  }

  private StartReads reads(long start, boolean givesWay, long deadlineNanos) {
    return new StartReads(requests, start, limits.maxKeys(), givesWay, deadlineNanos);
  }

  private CompletableFuture<Long> commit(LiveTransaction transaction, long deadlineNanos) {
    return transaction.finish().thenCompose(work -> {
      if (work.writes().isEmpty()) {
        return CompletableFuture.completedFuture(transaction.start());
      }
      Optional<RefusedException> tooMuch = check(work.writes());
      if (tooMuch.isPresent()) {
        return CompletableFuture.failedFuture(tooMuch.get());
      }
      return commit(transaction.start(), work.writes(), work.reliedOn(), deadlineNanos);
    });
  }

  /** Does a transaction of etcd's shape over several regions. */
  public CompletableFuture<TxnResult> commit(Txn txn, long deadlineNanos) {
    Optional<RefusedException> refused = TxnRules.check(txn);
    return refused.isPresent()
        ? CompletableFuture.failedFuture(refused.get())
        : attempt(txn, 1, 0, deadlineNanos);
  }

  private CompletableFuture<TxnResult> attempt(
      Txn txn, int number, long first, long deadlineNanos) {
    return requests.current(deadlineNanos).thenCompose(start -> {
      long since = first == 0 ? start : first;
      boolean givesWay = txn.writes() && number <= GIVES_WAY_ATTEMPTS;
      return branch(txn, reads(start, givesWay, deadlineNanos))
          .exceptionallyCompose(failure ->
              StartReads.cause(failure) instanceof ConflictException met
                  ? attempts
                      .afterConflict(met.conflict(), since, number, deadlineNanos)
                      .thenCompose(go -> attempt(txn, number + 1, since, deadlineNanos))
                  : CompletableFuture.failedFuture(failure));
    });
  }

  private CompletableFuture<TxnResult> branch(Txn txn, StartReads reads) {
    StartState state = new StartState();
    return reads.fetch(TxnReads.ofCompares(txn), state).thenCompose(none -> {
      TxnPath path = TxnPath.of(txn, state::meets);
      TxnReads needed = TxnReads.ofPath(path);
      return reads.fetch(needed, state).thenCompose(direct -> {
        Optional<RefusedException> refused = TxnRun.check(path, state);
        if (refused.isPresent()) {
          return CompletableFuture.failedFuture(refused.get());
        }
        TxnRun.Ran ran = TxnRun.run(path, state, direct, reads.start());
        if (ran.writes().isEmpty()) {
          return CompletableFuture.completedFuture(ran.result());
        }
        return check(ran.writes())
            .<CompletableFuture<TxnResult>>map(CompletableFuture::failedFuture)
            .orElseGet(() -> commit(
                    reads.start(), ran.writes(), needed.reliedOn(), reads.deadlineNanos())
                .thenApply(revision -> TxnRun.run(path, state, direct, revision).result()));
      });
    });
  }

  private Optional<RefusedException> check(List<KeyWrite> writes) {
    long bytes = 0;
    for (KeyWrite write : writes) {
      bytes += write.weight();
    }
    return writes.size() > limits.maxKeys() || bytes > limits.maxBytes()
        ? TxnRules.refusal(
            RefusalCode.INVALID_ARGUMENT,
            "quorate: a transaction over several regions may write at most " + limits.maxKeys()
                + " keys and " + limits.maxBytes() + " bytes")
        : Optional.empty();
  }

  /**
   * Commits what is known to be written.
   *
   * @return the commit revision; fails with {@link ConflictException} if it may be tried again from its start
   */
  private CompletableFuture<Long> commit(
      long start, List<KeyWrite> writes, List<KeyRange> reliedOn, long deadlineNanos) {
    List<KeyRange> reads = unwritten(reliedOn, writes);
    return new PartCutter(requests, limits.partBytes(), writes, reads, deadlineNanos)
        .cut()
        .thenCompose(parts -> {
          TransactionId id =
              new TransactionId(requests.newId(), start, writes.get(0).key());
          Head head = new Head(id, limits.lockTtl().toMillis(), spans(parts));
          return parts.size() == 1
              ? atOnce(head, parts.get(0), deadlineNanos)
              : new CommitSession(around, head, deadlineNanos)
                  .run(parts)
                  .thenCompose(verdict -> result(id, verdict));
        });
  }

  private CompletableFuture<Long> atOnce(Head head, Part part, long deadlineNanos) {
    return requests.atOnce(head, part, deadlineNanos).thenCompose(event -> {
      if (event instanceof CommitEvent.Moved) {
        return commit(head.id().start(), part.writes(), part.reads(), deadlineNanos);
      }
      Verdict verdict;
      if (event instanceof CommitEvent.Committed committed) {
        verdict = new Done(committed.revision());
      } else if (event instanceof CommitEvent.Locked locked) {
        verdict = new Conflict("another transaction holds a lock", locked.locks());
      } else if (event instanceof CommitEvent.Conflicted conflicted) {
        verdict = new Conflict(conflicted.why(), List.of(), conflicted.key());
      } else if (event instanceof CommitEvent.Refused refused) {
        verdict = new Refusal(refused.code(), refused.message());
      } else {
        throw new IllegalStateException("a transaction written at once answered " + event);
      }
      return result(head.id(), verdict);
    });
  }

  /** Covers all that is locked, in a bounded number of ranges. */
  private static List<KeyRange> spans(List<Part> parts) {
    List<KeyRange> spans = new ArrayList<>();
    int each = (parts.size() + SPANS_MAX - 1) / SPANS_MAX;
    for (int i = 0; i < parts.size(); i += each) {
      KeyRange first = parts.get(i).span();
      KeyRange last = parts.get(Math.min(i + each, parts.size()) - 1).span();
      boolean further = KeyRange.compareEnds(last.end(), first.end()) > 0;
      spans.add(KeyRange.of(first.start(), further ? last.end() : first.end()));
    }
    return spans;
  }

  /** A key that is written need not be locked for reading, too. */
  private static List<KeyRange> unwritten(List<KeyRange> reliedOn, List<KeyWrite> writes) {
    List<KeyRange> kept = new ArrayList<>(reliedOn);
    if (kept.stream().anyMatch(KeyRange::isSingle)) {
      Set<Bytes> written = writes.stream().map(KeyWrite::key).collect(Collectors.toSet());
      kept.removeIf(range -> range.isSingle() && written.contains(range.start()));
    }
    return kept;
  }

  private CompletableFuture<Long> result(TransactionId id, Verdict verdict) {
    if (verdict instanceof Done done) {
      return CompletableFuture.completedFuture(done.revision());
    }
    return CompletableFuture.failedFuture(failure(id, verdict));
  }

  private RuntimeException failure(TransactionId id, Verdict verdict) {
    if (verdict instanceof Conflict conflict) {
      return new ConflictException(conflict);
    }
    if (verdict instanceof Refusal refusal) {
      return RefusedException.of(io.quorate.proto.Refusal.newBuilder()
          .setCode(refusal.code())
          .setMessage(refusal.message())
          .build());
    }
    if (verdict instanceof Unknown unknown) {
      return OutcomeUnknownException.of(id, unknown.why());
    }
    String why = ((NotDone) verdict).why();
    return requests.isClosed() ? new ClientClosedException(why) : new UnavailableException(why);
  }

  /**
   * What became of a transaction whose outcome was unknown: decided, if its owner has been silent for long enough.
   */
  public CompletableFuture<TransactionStatus> status(TransactionId id, long deadlineNanos) {
    return resolver.status(id, deadlineNanos);
  }
}
