package io.quorate.client.txn;

import io.quorate.client.retry.Backoff;
import io.quorate.client.txn.LockRequests.Wait;
import io.quorate.client.txn.LockVerdict.Asker;
import io.quorate.client.txn.PrimaryState.Committed;
import io.quorate.client.txn.PrimaryState.RolledBack;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Gets the locks of others out of the way: asks their primaries, carries out what was decided there, waits for those that live.
 * Decides nothing itself. Owned by a client, or by a store's loop; safe on any thread, never blocks.
 */
/*
 * Who writes may share a question about a transaction with others that ask it now: a decision does not change, and "it lives" only
 * makes it wait. Who reads a key's newest version may not: the answer must be younger than the read.
 */
public final class LockResolver {
  /** Requests that meet locks again and again, one decided after the other, pause after so many. */
  private static final int QUICK_TRIES = 4;

  /** Then the owner of the lock is asked for again: it may have died. */
  private static final long PATIENCE_MILLIS = 200;

  private record Question(Bytes id, long pushAbove, boolean rollBackAbsent) {}

  private final LockRequests requests;
  private final Backoff pauses;
  private final Semaphore room;
  private final Map<Question, CompletableFuture<PrimaryState>> asked = new ConcurrentHashMap<>();

  /**
   * A resolver.
   *
   * @param limits of which it heeds how many transactions are looked into at a time, and the pause
   */
  public LockResolver(LockRequests requests, TransactionLimits limits) {
    this.requests = requests;
    this.pauses = limits.pause();
    this.room = new Semaphore(limits.resolving());
  }

  /** Locks of one transaction that stand in the way. */
  private record Group(TransactionId owner, List<KeyRange> ranges, List<ForeignLock> locks) {
    boolean isOld() {
      return locks.stream().anyMatch(ForeignLock::isOld);
    }
  }

  private static List<Group> byOwner(List<ForeignLock> locks) {
    Map<Bytes, Group> groups = new LinkedHashMap<>();
    for (ForeignLock lock : locks) {
      Group group = groups.computeIfAbsent(
          lock.owner().id(), id -> new Group(lock.owner(), new ArrayList<>(), new ArrayList<>()));
      group.ranges().add(lock.range());
      group.locks().add(lock);
    }
    return List.copyOf(groups.values());
  }

  /** A group and what was found. */
  private record Found(Group group, LockVerdict verdict) {}

  /**
   * Looks into locks, without waiting for those that live.
   *
   * @return the locks that still stand
   */
  public CompletableFuture<List<ForeignLock>> settle(List<ForeignLock> locks, long deadlineNanos) {
    return look(locks, Asker.WRITE, 0, deadlineNanos)
        .thenApply(found -> of(found, each -> each != LockVerdict.RESOLVE));
  }

  private static List<ForeignLock> of(List<Found> found, Predicate<LockVerdict> verdict) {
    List<ForeignLock> locks = new ArrayList<>();
    found.stream()
        .filter(each -> verdict.test(each.verdict()))
        .forEach(each -> locks.addAll(each.group().locks()));
    return locks;
  }

  /**
   * Done when what stood in the way of a write or a lock is gone, or has been waited for long enough to try again.
   *
   * @param tries before this one, in vain: 0 or more
   */
  public CompletableFuture<Void> unblockWrite(
      List<ForeignLock> locks, int tries, long deadlineNanos) {
    return look(locks, Asker.WRITE, 0, deadlineNanos).thenCompose(found -> {
      List<ForeignLock> stay = of(found, each -> each == LockVerdict.WAIT);
      return stay.isEmpty()
          ? pauseIfWaiting(found, tries)
          : awaitTurn(stay.get(0), 0, Bytes.EMPTY, tries, deadlineNanos).thenAccept(free -> {});
    });
  }

  /**
   * Done when a read can be tried again.
   *
   * @param revision it reads at; 0: it reads the newest version of a key
   * @param tries before this one, in vain: 0 or more
   * @return transactions whose locks need not hold it back
   */
  public CompletableFuture<List<Bytes>> unblockRead(
      List<ForeignLock> locks, long revision, int tries, long deadlineNanos) {
    Asker asker = revision == 0 ? Asker.GET : Asker.READ_AT;
    return look(locks, asker, revision, deadlineNanos)
        .thenCompose(found -> pauseIfWaiting(found, tries)
            .thenApply(over -> found.stream()
                .filter(each -> each.verdict() == LockVerdict.PASS)
                .map(each -> each.group().owner().id())
                .toList()));
  }

  /**
   * Done when no owner of the locks is known to live any more, or at the deadline.
   *
   * @param since start of the first attempt of who will lock the keys then
   */
  public CompletableFuture<Void> await(List<ForeignLock> locks, long since, long deadlineNanos) {
    return await(locks, since, 0, deadlineNanos);
  }

  private CompletableFuture<Void> await(
      List<ForeignLock> locks, long since, int tries, long deadlineNanos) {
    if (locks.isEmpty() || deadlineNanos - System.nanoTime() <= 0) {
      return CompletableFuture.completedFuture(null);
    }
    return look(locks, Asker.WRITE, 0, deadlineNanos)
        .thenApply(found -> of(found, each -> each == LockVerdict.WAIT))
        .thenCompose(stay -> stay.isEmpty()
            ? CompletableFuture.completedFuture(null)
            : awaitTurn(stay.get(0), since, Bytes.EMPTY, tries, deadlineNanos)
                // Whatever else is in the way is met again; a turn does not last.
                .thenCompose(free -> free
                    ? CompletableFuture.completedFuture(null)
                    : await(stay, since, tries + 1, deadlineNanos)));
  }

  /** As {@link #await}, of one key, whoever has locked it, or will before this one's turn. */
  CompletableFuture<Void> awaitTurn(Bytes key, long since, long deadlineNanos) {
    return awaitTurn(
            new Wait(KeyRange.single(key), false, since, Bytes.EMPTY, PATIENCE_MILLIS),
            0,
            deadlineNanos)
        .thenAccept(free -> {});
  }

  /**
   * Done when a lock is gone and it is one's turn, or after a while.
   *
   * @param since see {@link Wait}
   * @param self see {@link Wait}
   * @param tries before this one, in vain: 0 or more
   * @return whether it is
   */
  CompletableFuture<Boolean> awaitTurn(
      ForeignLock lock, long since, Bytes self, int tries, long deadlineNanos) {
    return awaitTurn(
        new Wait(lock.range(), !lock.write(), since, self, PATIENCE_MILLIS), tries, deadlineNanos);
  }

  private CompletableFuture<Boolean> awaitTurn(Wait wait, int tries, long deadlineNanos) {
    return requests
        .await(wait, deadlineNanos)
        .exceptionally(failure -> false)
        .thenCompose(free -> free
            ? CompletableFuture.completedFuture(true)
            : pause(tries + 1).thenApply(over -> false));
  }

  /** What became of a transaction; one whose owner was silent for long enough is rolled back by this. */
  public CompletableFuture<TransactionStatus> status(TransactionId id, long deadlineNanos) {
    return requests.check(id, 0, /* rollBackAbsent= */ false, deadlineNanos).thenApply(state -> {
      if (state instanceof Committed committed) {
        return new TransactionStatus.Committed(committed.revision());
      }
      if (state instanceof RolledBack) {
        return new TransactionStatus.RolledBack();
      }
      return state instanceof PrimaryState.Live
          ? new TransactionStatus.Pending()
          : new TransactionStatus.Forgotten();
    });
  }

  /**
   * Clears a transaction that nobody seems to care for, wherever its locks are; one that lives is left alone.
   *
   * @param known ranges of its locks, beside those that its primary knows
   * @param old whether one of its locks stood longer than its time to live
   * @return whether it is gone
   */
  public CompletableFuture<Boolean> clear(
      TransactionId id, List<KeyRange> known, boolean old, long deadlineNanos) {
    return ask(new Question(id.id(), 0, old), id, deadlineNanos).thenCompose(state -> {
      boolean committed = state instanceof Committed;
      if (!committed && !(state instanceof RolledBack)) {
        return CompletableFuture.completedFuture(false);
      }
      List<KeyRange> ranges = new ArrayList<>(state.spans());
      ranges.addAll(known);
      // Only who knows all of its spans may let the decision go.
      boolean all = committed && !state.spans().isEmpty();
      return requests
          .resolve(id, state, ranges, deadlineNanos)
          .thenCompose(released ->
              all ? requests.forget(id, deadlineNanos) : CompletableFuture.completedFuture(null))
          .thenApply(done -> true);
    });
  }

  private CompletableFuture<List<Found>> look(
      List<ForeignLock> locks, Asker asker, long revision, long deadlineNanos) {
    List<CompletableFuture<Found>> all = new ArrayList<>();
    for (Group group : byOwner(locks)) {
      all.add(look(group, asker, revision, deadlineNanos)
          // Who could not be asked may be asked again.
          .exceptionally(failure -> LockVerdict.WAIT)
          .thenApply(verdict -> new Found(group, verdict)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<LockVerdict> look(
      Group group, Asker asker, long revision, long deadlineNanos) {
    if (!room.tryAcquire()) {
      return CompletableFuture.completedFuture(LockVerdict.WAIT);
    }
    Question question = new Question(group.owner().id(), revision, group.isOld());
    CompletableFuture<PrimaryState> state = asker == Asker.GET
        ? requests.check(group.owner(), 0, group.isOld(), deadlineNanos)
        : ask(question, group.owner(), deadlineNanos);
    return state
        .thenCompose(told -> {
          LockVerdict verdict = LockVerdict.of(told, asker, revision);
          return verdict == LockVerdict.RESOLVE
              ? requests
                  .resolve(group.owner(), told, group.ranges(), deadlineNanos)
                  .thenApply(released -> verdict)
              : CompletableFuture.completedFuture(verdict);
        })
        .whenComplete((verdict, failure) -> room.release());
  }

  private CompletableFuture<PrimaryState> ask(
      Question question, TransactionId owner, long deadlineNanos) {
    CompletableFuture<PrimaryState> mine = new CompletableFuture<>();
    CompletableFuture<PrimaryState> others = asked.putIfAbsent(question, mine);
    if (others != null) {
      return others;
    }
    var unused = requests
        .check(owner, question.pushAbove(), question.rollBackAbsent(), deadlineNanos)
        .whenComplete((state, failure) -> {
          asked.remove(question, mine);
          if (failure == null) {
            mine.complete(state);
          } else {
            mine.completeExceptionally(failure);
          }
        });
    return mine;
  }

  private CompletableFuture<Void> pauseIfWaiting(List<Found> found, int tries) {
    return found.isEmpty()
            || tries > QUICK_TRIES
            || !of(found, each -> each == LockVerdict.WAIT || each == LockVerdict.LOOK_AGAIN)
                .isEmpty()
        ? pause(tries + 1)
        : CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> pause(int tries) {
    long millis = pauses.delayMillis(tries, ThreadLocalRandom.current().nextDouble());
    return requests.pause(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
