package io.quorate.region.host;

import io.quorate.model.RegionError;
import io.quorate.raft.LogException;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.Command;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.Txn;
import io.quorate.region.command.WriteName;
import io.quorate.region.order.Flight;
import io.quorate.region.order.Footprint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write path of one region: one FIFO, stamps asked for after arrival, proposals in the order of the asks, each bound to
 * the term of its ask. Owned by the region's host; every method runs on its mailbox.
 */
final class WriteLoop {
  private static final Logger log = LoggerFactory.getLogger(WriteLoop.class);

  /** What a fence does. */
  private static final Command NOTHING = new Txn(List.of(), List.of(), List.of());

  private final RegionHost host;
  private final RegionHostConfig config;
  private final Oracle oracle;
  private final ReplicatedLog<EntryResult> raft;

  private final ArrayDeque<Call> queue = new ArrayDeque<>();
  private long queuedBytes;
  /** Asked for and not yet proposed, in the order of the asks. */
  private final ArrayDeque<Batch> asked = new ArrayDeque<>();
  /** Everything of which something may still be applied. */
  private final List<Batch> flights = new ArrayList<>();
  /** The term that this replica leads; 0 if none. */
  private long term;

  private long lastProposed;
  private int active;

  WriteLoop(
      RegionHost host, RegionHostConfig config, Oracle oracle, ReplicatedLog<EntryResult> raft) {
    this.host = host;
    this.config = config;
    this.oracle = oracle;
    this.raft = raft;
  }

  int queued() {
    return queue.size();
  }

  boolean isIdle() {
    return queue.isEmpty() && flights.isEmpty();
  }

  void add(Call call) {
    if (queue.size() >= config.maxQueuedWrites()
        || queuedBytes + call.bytes() > config.maxQueuedWriteBytes()) {
      call.fail(host.errors().busy("the region's write queue is full"));
      return;
    }
    queue.addLast(call);
    queuedBytes += call.bytes();
  }

  /** Whether nothing is on its way through oracle and log. */
  boolean isSettled() {
    return active == 0;
  }

  /** Whether a read must wait for something in flight. */
  boolean holdsBack(long readTerm, long revision, Footprint reader) {
    long applied = host.appliedStamp();
    for (int i = 0; i < flights.size(); i++) {
      if (flights.get(i).flight.holdsBack(readTerm, revision, applied, reader)) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing that waits or is in flight may write to what is read. */
  boolean touchesNothing(Footprint reader) {
    return queue.isEmpty() && !holdsBack(0, Long.MAX_VALUE, reader);
  }

  /** Least revision that anything in flight may be committed at; the greatest of all if nothing is in flight. */
  long lowestInFlight() {
    long lowest = Long.MAX_VALUE;
    for (int i = 0; i < flights.size(); i++) {
      lowest = Math.min(lowest, flights.get(i).flight.lowest());
    }
    return lowest;
  }

  /** Fills the pipeline with what is waiting. */
  void pump(long now) {
    while (term != 0 && active < config.maxInFlightEntries() && !queue.isEmpty()) {
      List<Call> calls = take();
      if (!calls.isEmpty()) {
        ask(calls, now);
      }
    }
  }

  private List<Call> take() {
    List<Call> calls = new ArrayList<>(Math.min(queue.size(), config.maxBatchCommands()));
    int bytes = 0;
    while (!queue.isEmpty() && calls.size() < config.maxBatchCommands()) {
      Call call = queue.getFirst();
      if (!calls.isEmpty() && bytes + call.bytes() > config.maxBatchBytes()) {
        break;
      }
      queue.removeFirst();
      queuedBytes -= call.bytes();
      if (!call.answered()) {
        calls.add(call);
        bytes += call.bytes();
      }
    }
    return calls;
  }

  private void ask(List<Call> calls, long now) {
    if (!Batch.needsStamps(calls)) {
      Batch unstamped = new Batch(calls, Flight.unstamped(term), now);
      flights.add(unstamped);
      asked.addLast(unstamped);
      active++;
      unstamped.enter(Batch.Stage.STAMPED, now);
      proposeInOrder();
      return;
    }
    List<Footprint> writes = new ArrayList<>(calls.size());
    for (Call call : calls) {
      writes.add(Footprint.writesOf(call.command()));
    }
    Flight flight = Flight.asking(term, oracle.newestKnown().revision(), writes);
    Batch batch = new Batch(calls, flight, now);
    flights.add(batch);
    asked.addLast(batch);
    active++;
    var unused = oracle
        .next(Math.max(1, calls.size()))
        .whenComplete((stamps, failure) -> host.post(() -> onStamps(batch, stamps, failure)));
  }

  private void onStamps(Batch batch, @Nullable Stamps stamps, @Nullable Throwable failure) {
    if (batch.stage != Batch.Stage.ASKING) {
      return;
    }
    if (stamps == null || stamps.first() < batch.flight.lowest()) {
      asked.remove(batch);
      end(batch);
      RegionError error = host.errors()
          .noOracle(
              stamps == null
                  ? String.valueOf(failure)
                  : "it answered " + stamps.first() + ", below what was seen before");
      batch.calls.forEach(call -> call.fail(error));
    } else {
      batch.stamp(stamps);
      batch.enter(Batch.Stage.STAMPED, host.now());
      host.flightsChanged();
    }
    proposeInOrder();
  }

  private void proposeInOrder() {
    while (!asked.isEmpty() && asked.getFirst().stage == Batch.Stage.STAMPED) {
      propose(asked.removeFirst());
    }
  }

  private void propose(Batch batch) {
    if (batch.isStamped() && batch.stamps().first() <= lastProposed) {
      // A later ask was answered with smaller numbers, as after a change of the oracle's leader.
      end(batch);
      restamp(batch.calls);
      return;
    }
    long epochVersion = host.descriptor().epoch().version();
    List<Call> calls = new ArrayList<>(batch.calls.size());
    List<Stamped> commands = new ArrayList<>(batch.calls.size());
    for (int i = 0; i < batch.calls.size(); i++) {
      Call call = batch.calls.get(i);
      if (!call.answered()) {
        calls.add(call);
        commands.add(stamped(batch, i, call, epochVersion));
      }
    }
    if (batch.isFence()) {
      commands.add(new Stamped(batch.stamps().first(), epochVersion, WriteName.NONE, NOTHING));
    } else if (commands.isEmpty()) {
      end(batch);
      return;
    }
    if (batch.isStamped()) {
      lastProposed = batch.stamps().last();
    }
    batch.proposed = calls;
    batch.enter(Batch.Stage.PROPOSED, host.now());
    var unused = raft.propose(
            LogCodec.encode(LogCommands.of(host.descriptor().epoch(), commands)), term)
        .whenComplete((result, failure) -> host.post(() -> onProposed(batch, result, failure)));
  }

  private static Stamped stamped(Batch batch, int place, Call call, long epochVersion) {
    boolean takes = Stamped.needsStamp(call.command());
    return new Stamped(
        takes ? batch.stamps().first() + place : 0,
        epochVersion,
        takes ? call.name() : WriteName.NONE,
        takes ? judgedBy(call.command(), batch.stamps()) : call.command());
  }

  /** The answer that brought the stamp came after the command: what it says is compacted cannot be read any more. */
  private static Command judgedBy(Command command, Stamps stamps) {
    return command instanceof Txn txn ? txn.refusingBelow(stamps.state().compacted()) : command;
  }

  private void onProposed(Batch batch, @Nullable EntryResult result, @Nullable Throwable failure) {
    if (result != null) {
      end(batch);
      if (!batch.isFence()) {
        answer(batch.proposed, result.outcomes());
      }
      dropSuperseded();
      return;
    }
    LogException.Kind kind = kind(failure);
    if (kind == LogException.Kind.INDETERMINATE) {
      active--;
      batch.enter(Batch.Stage.UNKNOWN, host.now());
      dropSuperseded();
    } else {
      end(batch);
    }
    RegionError error = host.errors().of(kind, String.valueOf(failure), true);
    batch.proposed.forEach(call -> call.fail(error));
  }

  static LogException.Kind kind(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof LogException refusal ? refusal.kind() : LogException.Kind.INDETERMINATE;
  }

  private void answer(List<Call> calls, List<Outcome> outcomes) {
    if (calls.size() != outcomes.size()) {
      throw new IllegalStateException(
          calls.size() + " commands were answered by " + outcomes.size() + " outcomes");
    }
    List<Call> again = new ArrayList<>(0);
    for (int i = 0; i < calls.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Restamp) {
        again.add(calls.get(i));
      } else if (outcomes.get(i) instanceof Outcome.EpochMismatch) {
        // It certainly was not done; where its keys are still this region's, it only needs another
        // try.
        if (host.ownsKeys(calls.get(i))) {
          again.add(calls.get(i));
        } else {
          calls.get(i).fail(host.errors().epochMismatch());
        }
      } else if (!host.leases()
              .registrar()
              .triesAgain(calls.get(i), outcomes.get(i), config.maxRestamps())
          && !host.leases().waitsForKeys(calls.get(i), outcomes.get(i))) {
        host.answer(calls.get(i), outcomes.get(i));
      }
    }
    if (!again.isEmpty()) {
      restamp(again);
    }
  }

  /** Back to the head of the queue, in order, for new stamps. */
  private void restamp(List<Call> calls) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      Call call = calls.get(i);
      if (call.answered()) {
        continue;
      }
      if (term == 0) {
        call.fail(host.errors().notLeader());
      } else if (call.restamped() > config.maxRestamps()) {
        call.fail(host.errors().busy("no stamp fitted after " + config.maxRestamps() + " tries"));
      } else {
        queue.addFirst(call);
        queuedBytes += call.bytes();
      }
    }
  }

  private void end(Batch batch) {
    if (batch.stage != Batch.Stage.UNKNOWN) {
      active--;
    }
    batch.stage = Batch.Stage.OVER;
    flights.remove(batch);
    host.flightsChanged();
  }

  /** This replica leads the term, and everything that earlier terms committed is applied. */
  void onLeading(long newTerm) {
    term = newTerm;
    lastProposed = host.appliedStamp();
    takeBackStamps();
    dropSuperseded();
  }

  void onLeadershipLost() {
    term = 0;
    takeBackStamps();
    RegionError error = host.errors().notLeader();
    queue.forEach(call -> call.fail(error));
    queue.clear();
    queuedBytes = 0;
  }

  /** The replica goes, and nobody will hear of its proposals any more: who still waits for one is told that it may be done. */
  void abandon() {
    RegionError error = new RegionError.Indeterminate("the replica was stopped meanwhile");
    flights.forEach(batch -> batch.proposed.forEach(call -> call.fail(error)));
  }

  /** Stamps are bound to the term they were asked in: what was not proposed in it asks anew. */
  private void takeBackStamps() {
    while (!asked.isEmpty()) {
      Batch last = asked.removeLast();
      end(last);
      restamp(last.calls);
    }
  }

  /** The region was cut: who waits for keys that went elsewhere is told where. What is proposed is judged by the log. */
  void onSplit() {
    for (Call call : queue) {
      turnAway(call);
    }
    for (Batch batch : asked) {
      batch.calls.forEach(this::turnAway);
    }
  }

  private void turnAway(Call call) {
    if (!call.answered() && !host.ownsKeys(call)) {
      call.fail(host.errors().epochMismatch());
    }
  }

  /** What is unknown of earlier terms is decided once this term's leader has applied an entry of its own. */
  private void dropSuperseded() {
    long applied = host.appliedStamp();
    Iterator<Batch> each = flights.iterator();
    while (each.hasNext()) {
      Batch batch = each.next();
      boolean superseded = term > batch.flight.term() || applied >= batch.flight.highest();
      if (batch.stage == Batch.Stage.UNKNOWN && superseded) {
        batch.stage = Batch.Stage.OVER;
        each.remove();
        host.flightsChanged();
      }
    }
  }

  /** Looks at deadlines. */
  void tick(long now) {
    for (Call call : queue) {
      expire(call, now, false);
    }
    for (Batch batch : List.copyOf(flights)) {
      boolean proposed = batch.stage == Batch.Stage.PROPOSED;
      for (Call call : proposed ? batch.proposed : batch.calls) {
        expire(call, now, proposed);
      }
      if (batch.stage == Batch.Stage.ASKING
          && now - batch.since > config.oracleTimeout().toNanos()) {
        onStamps(batch, null, new OracleException("no answer in " + config.oracleTimeout()));
      }
    }
    fence(now);
  }

  private void expire(Call call, long now, boolean proposed) {
    if (!call.answered() && call.isPast(now)) {
      call.fail(
          proposed
              ? new RegionError.Indeterminate("proposed, and not applied before the deadline")
              : new RegionError.DeadlineExceeded("not proposed before the deadline"));
    }
  }

  /** Follows a proposal of unknown outcome by an entry that tells, once applied, that it is decided. */
  private void fence(long now) {
    dropSuperseded();
    if (term == 0 || active > 0) {
      return;
    }
    for (Batch batch : flights) {
      if (batch.flight.term() == term && now - batch.since > config.fenceAfter().toNanos()) {
        log.info(
            "region={} a proposal of stamps up to {} is of unknown outcome: fencing it",
            host.descriptor().id(),
            batch.flight.highest());
        ask(List.of(), now);
        return;
      }
    }
  }
}
