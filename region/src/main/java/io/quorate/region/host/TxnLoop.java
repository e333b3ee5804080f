package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.CheckTxnRequest;
import io.quorate.proto.Refusal;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.proto.ScanLocksRequest;
import io.quorate.proto.ScanLocksResponse;
import io.quorate.proto.TxnHeartbeatRequest;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Result;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.transaction.Decide;
import io.quorate.region.transaction.Lock;
import io.quorate.region.transaction.LockQueue;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.TxnLimits;
import io.quorate.region.transaction.TxnRecord;
import io.quorate.region.transaction.WriteLock;
import io.quorate.region.wire.TxnMessages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the leader of a region knows of transactions beside its log: since when it sees their locks, and until when their
 * coordinators have said that they live. Owned by the region's host; runs on its mailbox, ages may be asked for on any thread.
 */
/*
 * A new leader knows nothing: everything it finds begins to live anew. So nobody is given up early, and being wrong about who is
 * dead costs a retry: what a transaction comes to is decided by the log alone.
 */
public final class TxnLoop {
  /**
   * What is known of a transaction with locks here.
   *
   * @param since when its locks were first seen
   * @param aliveUntil by its coordinator's last word; {@code since} if it has not said any
   */
  private record Known(long since, long aliveUntil) {}

  /**
   * How the least commit revision of a transaction was raised lately.
   *
   * @param at when
   * @param to what is read by who asked
   * @param wanted what those read who wait until they may ask
   */
  private record Pushes(long at, long to, long wanted) {
    static final Pushes NONE = new Pushes(Long.MIN_VALUE / 2, 0, 0);
  }

  /** A call that waits for a lock to go, and what answers it then. */
  private record Parked(Call call, Runnable then) {}

  /**
   * How long the record of a committed transaction is left to its coordinator, which forgets it once all is carried out, and may
   * still be asking whether it was committed.
   */
  private static final long RECORD_PATIENCE_MILLIS = 60_000;

  /** How long who has waited for a key keeps those behind it waiting, unless it has locked it. */
  private static final long TURN_NANOS = 40_000_000;

  /** After a push a coordinator has so long to commit before the next one: else readers would keep it from it for ever. */
  private static final long PUSH_PAUSE_NANOS = 100_000_000;

  private static final int MAX_PATIENCE_MILLIS = 1000;
  private static final TxnId NOBODY = new TxnId(0, 0);

  private final RegionHost host;
  private final RegionStore store;
  private final Map<TxnId, Known> known = new ConcurrentHashMap<>();
  private final Map<TxnId, Pushes> pushes = new HashMap<>();
  private final LockQueue<Parked> queue = new LockQueue<>(TURN_NANOS);
  private volatile boolean awaited;

  TxnLoop(RegionHost host, RegionStore store) {
    this.host = host;
    this.store = store;
  }

  /** Whether a tick has anything to look at. Any thread. */
  boolean isIdle() {
    return known.isEmpty() && store.locks().isEmpty() && !store.locks().hasCommitted() && !awaited;
  }

  /** Begins to count the time of locks that have come, and forgets those that are gone. */
  void tick(long now) {
    if (host.term() == 0) {
      known.clear();
      return;
    }
    LockTable locks = store.locks();
    Set<TxnId> here = locks.holders();
    locks.committed(Integer.MAX_VALUE).forEach(record -> here.add(record.txn()));
    here.forEach(txn -> known.putIfAbsent(txn, new Known(now, now)));
    known.keySet().retainAll(here);
    pushes.keySet().retainAll(here);
    serve(now);
  }

  void onLeadershipLost() {
    known.clear();
    pushes.clear();
    awaited = false;
    queue.takeAll().forEach(parked -> parked.call().fail(host.errors().notLeader()));
  }

  /** Keys were written, or locks have come or gone. On the apply thread. */
  void onApplied(List<Mutation> mutations) {
    if (awaited) {
      List<Bytes> keys = mutations.stream().map(Mutation::key).toList();
      host.post(() -> {
        queue.written(keys);
        serve(host.now());
      });
    }
  }

  /** Answers those whose turn has come. */
  private void serve(long now) {
    if (awaited) {
      List<Parked> due = queue.due(store.locks(), now);
      awaited = !queue.isIdle();
      due.forEach(parked -> parked.then().run());
    }
  }

  private void await(LockQueue.Waiter<Parked> waiter) {
    queue.add(waiter);
    // Before the locks are looked at: who changes them looks here after.
    awaited = true;
    serve(host.now());
  }

  /** Milliseconds since this leader sees locks of the transaction. Any thread. */
  long age(TxnId txn) {
    Known seen = known.get(txn);
    return seen == null ? 0 : Math.max(0, host.now() - seen.since()) / 1_000_000;
  }

  private long ttlLeft(WriteLock primary, long now) {
    Known seen = known.computeIfAbsent(primary.txn(), txn -> new Known(now, now));
    long end = Math.max(
        seen.since() + primary.holder().ttlMillis() * 1_000_000L - now, seen.aliveUntil() - now);
    return Math.max(0, end) / 1_000_000;
  }

  /** Adds to a refusal how old the locks are that it names. */
  void date(Refusal.Builder refusal) {
    for (var lock : refusal.getLocksBuilderList()) {
      lock.setAgeMs(age(TxnMessages.id(lock.getTxnId())));
    }
  }

  /**
   * A transaction that nobody seems to care for any more.
   *
   * @param ranges of its locks here
   * @param old whether a lock of it stood longer than its time to live; else its record is left, and nothing else here
   */
  public record Overdue(TxnId txn, long start, Bytes primary, List<KeyRange> ranges, boolean old) {}

  /** Transactions about which something is to be done, at most the limit. Any thread. */
  public List<Overdue> overdue(int limit) {
    LockTable locks = store.locks();
    if (isIdle()) {
      return List.of();
    }
    List<Lock> old = new ArrayList<>(locks.writes(store.descriptor().range(), Integer.MAX_VALUE));
    old.addAll(locks.allReads());
    long now = host.now();
    Set<TxnId> alive = new HashSet<>();
    for (Lock lock : old) {
      if (lock instanceof WriteLock write && write.isPrimary() && ttlLeft(write, now) > 0) {
        alive.add(lock.txn());
      }
    }
    old.removeIf(
        lock -> alive.contains(lock.txn()) || age(lock.txn()) < lock.holder().ttlMillis());
    Map<TxnId, Overdue> found = new LinkedHashMap<>();
    for (Lock lock : old) {
      Overdue one = found.get(lock.txn());
      if (one == null && found.size() < limit) {
        one = new Overdue(
            lock.txn(), lock.holder().start(), lock.holder().primary(), new ArrayList<>(), true);
        found.put(lock.txn(), one);
      }
      if (one != null) {
        one.ranges().add(lock.range());
      }
    }
    for (TxnRecord record : locks.committed(limit)) {
      if (found.size() < limit && age(record.txn()) >= RECORD_PATIENCE_MILLIS) {
        found.putIfAbsent(
            record.txn(),
            new Overdue(record.txn(), record.start(), record.key(), List.of(), false));
      }
    }
    return List.copyOf(found.values());
  }

  /** Locks that stand. Any thread. */
  public int open() {
    return store.locks().size();
  }

  /** Milliseconds since the oldest of them is seen here. Any thread. */
  public long oldest() {
    return store.locks().isEmpty()
        ? 0
        : store.locks().holders().stream().mapToLong(this::age).max().orElse(0);
  }

  // ------------------------------------------------------------------ what is asked, after a
  // confirmation of leadership

  void answer(Call call) {
    Request message = call.request().message();
    switch (message.getBodyCase()) {
      case CHECK_TXN -> check(call, message.getCheckTxn());
      case TXN_HEARTBEAT -> heartbeat(call, message.getTxnHeartbeat());
      case SCAN_LOCKS -> scanOrWait(call, message.getScanLocks());
      default ->
        throw new IllegalStateException("not about transactions: " + message.getBodyCase());
    }
  }

  private void check(Call call, CheckTxnRequest request) {
    TxnId txn = TxnMessages.id(request.getTxnId());
    Bytes primary = Bytes.of(request.getPrimary());
    long start = request.getStartRevision();
    LockTable locks = store.locks();
    // The lock first: where it is gone meanwhile, the record is there.
    WriteLock lock = lock(locks, primary, txn);
    TxnRecord record = locks.record(primary, txn);
    if (record != null) {
      tell(call, Result.TxnState.of(record), 0);
    } else if (lock == null && !request.getRollBackAbsent()) {
      tell(call, Result.TxnState.ABSENT, 0);
    } else if (lock == null && (start < store.floor() || start <= locks.minStart())) {
      // Nothing of it can be locked here any more.
      tell(call, new Result.TxnState(Result.TxnState.Kind.ROLLED_BACK, 0, List.of()), 0);
    } else if (lock == null) {
      submit(call, new Decide.Abandon(txn, start, primary), 0);
    } else {
      checkLive(call, lock, request.getPushAbove());
    }
  }

  private void checkLive(Call call, WriteLock lock, long above) {
    long now = host.now();
    Pushes before = pushes.getOrDefault(lock.txn(), Pushes.NONE);
    boolean pushing = above >= lock.minCommit();
    if (pushing && above > before.to() && now - before.at() < PUSH_PAUSE_NANOS) {
      long wanted = Math.max(above, before.wanted());
      pushes.put(lock.txn(), new Pushes(before.at(), before.to(), wanted));
      await(new LockQueue.Waiter<>(
          lock.range(),
          NOBODY,
          /* writes= */ false,
          Long.MAX_VALUE,
          /* turn= */ false,
          before.at() + PUSH_PAUSE_NANOS,
          new Parked(call, () -> check(call, call.request().message().getCheckTxn()))));
      return;
    }
    long left = ttlLeft(lock, now);
    if (left == 0) {
      submit(call, new Decide.Abandon(lock.txn(), lock.holder().start(), lock.key()), 0);
    } else if (pushing) {
      // For all who wait to ask the same, too.
      long to = Math.max(above, before.wanted());
      pushes.put(lock.txn(), new Pushes(above > before.to() ? now : before.at(), to, 0));
      submit(call, new Decide.Push(lock.txn(), lock.key(), to), left);
    } else {
      tell(call, live(lock), left);
    }
  }

  private static Result.TxnState live(WriteLock lock) {
    return new Result.TxnState(Result.TxnState.Kind.LIVE, lock.minCommit(), lock.spans());
  }

  private static @Nullable WriteLock lock(LockTable locks, Bytes primary, TxnId txn) {
    WriteLock lock = locks.write(primary);
    return lock != null && lock.txn().equals(txn) ? lock : null;
  }

  private void heartbeat(Call call, TxnHeartbeatRequest request) {
    TxnId txn = TxnMessages.id(request.getTxnId());
    Bytes primary = Bytes.of(request.getPrimary());
    long now = host.now();
    long ttl = Math.max(1, Math.min(request.getTtlMs(), TxnLimits.MAX_TTL_MILLIS));
    LockTable locks = store.locks();
    WriteLock lock = lock(locks, primary, txn);
    TxnRecord record = locks.record(primary, txn);
    if (record != null) {
      tell(call, Result.TxnState.of(record), 0);
    } else if (lock == null) {
      tell(call, Result.TxnState.ABSENT, 0);
    } else {
      long until = now + ttl * 1_000_000L;
      known.merge(
          txn,
          new Known(now, until),
          (seen, said) -> new Known(
              seen.since(), said.aliveUntil() - seen.aliveUntil() > 0 ? until : seen.aliveUntil()));
      tell(call, live(lock), ttlLeft(lock, now));
    }
  }

  private void tell(Call call, Result.TxnState state, long ttlLeft) {
    if (host.ownsKeys(call)) {
      call.answer(Response.newBuilder().setTxnState(TxnMessages.state(state, ttlLeft)));
    } else {
      call.fail(host.errors().epochMismatch());
    }
  }

  /** Has the log decide; the call is answered by what it says. */
  private void submit(Call call, TransactionCommand command, long ttlLeft) {
    host.writes().add(call.as(command, response -> {
      if (ttlLeft > 0 && response.getTxnState().hasLive()) {
        response.getTxnStateBuilder().getLiveBuilder().setTtlLeftMs((int) ttlLeft);
      }
    }));
  }

  private void scanOrWait(Call call, ScanLocksRequest request) {
    if (request.getPatienceMs() == 0) {
      scan(call, request);
      return;
    }
    long patience = Math.min(request.getPatienceMs(), MAX_PATIENCE_MILLIS);
    await(new LockQueue.Waiter<>(
        Wire.range(request.getRange()),
        request.getTxnId().isEmpty() ? NOBODY : TxnMessages.id(request.getTxnId()),
        request.getReadsToo(),
        request.getSince(),
        /* turn= */ request.getSince() > 0,
        host.now() + patience * 1_000_000L,
        new Parked(call, () -> scan(call, request))));
  }

  private void scan(Call call, ScanLocksRequest request) {
    int limit = request.getLimit() <= 0
        ? TxnLimits.DEFAULT_SCANNED
        : Math.min(request.getLimit(), TxnLimits.MAX_SCANNED);
    var range = Wire.range(request.getRange());
    LockTable locks = store.locks();
    List<Lock> found = new ArrayList<>(locks.writes(range, limit + 1));
    found.addAll(locks.reads(range));
    ScanLocksResponse.Builder answer = ScanLocksResponse.newBuilder().setMore(found.size() > limit);
    found.stream()
        .limit(limit)
        .forEach(lock -> answer.addLocks(TxnMessages.lock(lock).setAgeMs(age(lock.txn()))));
    locks.records(range, limit).forEach(record -> answer.addRecords(TxnMessages.record(record)));
    if (host.ownsKeys(call)) {
      call.answer(Response.newBuilder().setScanLocks(answer));
    } else {
      call.fail(host.errors().epochMismatch());
    }
  }
}
