package io.quorate.region.host;

import io.quorate.model.RegionError;
import io.quorate.raft.LogException;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The read path of one region. A snapshot read takes R from the oracle after it arrived, then has the leadership confirmed,
 * then waits for the writes in flight that may get a stamp up to R, then reads at R; a get needs the confirmation only. All
 * that waits shares one round; the next one fills meanwhile. Owned by the region's host; every method runs on its mailbox.
 */
final class ReadLoop {
  /** A read that waits for a round, or for writes in flight; at the revision, 0 for "the round's". */
  private record Waiting(Call call, long revision) {}

  /** A read that may go once nothing in flight holds it back. */
  private record Held(Call call, long revision, long term) {}

  /** Reads that share a confirmation; with an oracle number, or without. */
  private record Round(List<Waiting> reads, boolean numbered) {}

  private record Confirmed(OracleState state, ReadPoint point) {}

  private final RegionHost host;
  private final RegionHostConfig config;
  private final Oracle oracle;
  private final ReplicatedLog<EntryResult> raft;
  private final Reader reader;

  private List<Waiting> numbered = new ArrayList<>();
  private List<Waiting> plain = new ArrayList<>();
  private final List<Round> rounds = new ArrayList<>();
  private List<Held> held = new ArrayList<>();
  private int numberedRounds;
  private int plainRounds;
  private int waiting;

  ReadLoop(
      RegionHost host,
      RegionHostConfig config,
      Oracle oracle,
      ReplicatedLog<EntryResult> raft,
      Reader reader) {
    this.host = host;
    this.config = config;
    this.oracle = oracle;
    this.raft = raft;
    this.reader = reader;
  }

  boolean isIdle() {
    return waiting == 0;
  }

  private boolean admit(Call call) {
    if (waiting >= config.maxWaitingReads()) {
      call.fail(host.errors().busy("too many reads wait at the region"));
      return false;
    }
    waiting++;
    return true;
  }

  /** A get: the newest version, no number. */
  void addGet(Call call) {
    if (admit(call)) {
      plain.add(new Waiting(call, 0));
    }
  }

  /** A range, or a transaction that will not write: at the revision, or at a fresh one if that is 0. */
  void addSnapshot(Call call, long revision) {
    if (!admit(call)) {
      return;
    }
    OracleState known = oracle.newestKnown();
    if (revision > 0 && revision < known.compacted()) {
      waiting--;
      call.refuse(Refusal.compacted(known.compacted()));
    } else if (revision > 0 && revision <= known.revision()) {
      plain.add(new Waiting(call, revision));
    } else {
      numbered.add(new Waiting(call, revision));
    }
  }

  /** Starts rounds for what has come. */
  void pump() {
    if (!plain.isEmpty() && plainRounds < config.maxReadRounds()) {
      Round round = new Round(plain, false);
      plain = new ArrayList<>();
      plainRounds++;
      rounds.add(round);
      var unused = raft.readBarrier()
          .whenComplete((point, failure) -> host.post(() -> end(
              round, point == null ? null : new Confirmed(oracle.newestKnown(), point), failure)));
    }
    if (!numbered.isEmpty() && numberedRounds < config.maxReadRounds()) {
      Round round = new Round(numbered, true);
      numbered = new ArrayList<>();
      numberedRounds++;
      rounds.add(round);
      // The barrier begins after the number is known: whoever deposed us later asks for greater
      // ones.
      var unused = oracle
          .current()
          .thenCompose(state -> raft.readBarrier().thenApply(point -> new Confirmed(state, point)))
          .whenComplete((confirmed, failure) -> host.post(() -> end(round, confirmed, failure)));
    }
  }

  private void end(Round round, @Nullable Confirmed confirmed, @Nullable Throwable failure) {
    rounds.remove(round);
    if (round.numbered()) {
      numberedRounds--;
    } else {
      plainRounds--;
    }
    if (confirmed == null) {
      RegionError error = error(failure);
      for (Waiting read : round.reads()) {
        finish(read.call(), error);
      }
      return;
    }
    long term = confirmed.point().term();
    for (Waiting read : round.reads()) {
      if (read.call().answered()) {
        waiting--;
      } else if (term != host.term()) {
        finish(read.call(), host.errors().notLeader());
      } else if (!host.ownsKeys(read.call())) {
        // The barrier may have waited for a split: another region may have written them since.
        finish(read.call(), host.errors().epochMismatch());
      } else if (read.call().isGet()) {
        waiting--;
        reader.get(read.call());
      } else {
        enter(read, confirmed.state(), term);
      }
    }
  }

  private void enter(Waiting read, OracleState state, long term) {
    Call call = read.call();
    if (read.revision() > state.revision()) {
      waiting--;
      call.refuse(Refusal.FUTURE_REVISION);
    } else if (read.revision() > 0 && read.revision() < state.compacted()) {
      waiting--;
      call.refuse(Refusal.compacted(state.compacted()));
    } else {
      long revision = read.revision() > 0 ? read.revision() : state.revision();
      Held next = new Held(call, revision, term);
      if (!go(next)) {
        held.add(next);
      }
    }
  }

  /** Reads if nothing holds it back; false if it must wait on. */
  private boolean go(Held read) {
    Call call = read.call();
    if (call.answered()) {
      waiting--;
      return true;
    }
    if (read.term() != host.term()) {
      finish(call, host.errors().notLeader());
      return true;
    }
    if (!host.ownsKeys(call)) {
      finish(call, host.errors().epochMismatch());
      return true;
    }
    if (host.holdsBack(read.term(), read.revision(), call.footprint())) {
      return false;
    }
    waiting--;
    reader.snapshot(call, read.revision());
    return true;
  }

  private void finish(Call call, RegionError error) {
    waiting--;
    call.fail(error);
  }

  private RegionError error(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof LogException refusal
        ? host.errors().of(refusal.kind(), String.valueOf(refusal.getMessage()), false)
        : host.errors().noOracle(String.valueOf(cause));
  }

  /** Something in flight has ended, got its numbers, or lost its term. */
  void release() {
    if (!held.isEmpty()) {
      List<Held> still = new ArrayList<>();
      for (Held read : held) {
        if (!go(read)) {
          still.add(read);
        }
      }
      held = still;
    }
  }

  void onLeadershipLost() {
    RegionError error = host.errors().notLeader();
    numbered.forEach(read -> finish(read.call(), error));
    numbered.clear();
    plain.forEach(read -> finish(read.call(), error));
    plain.clear();
    rounds.forEach(round -> round.reads().forEach(read -> read.call().fail(error)));
    release();
  }

  /** Looks at deadlines. */
  void tick(long now) {
    expire(numbered, now);
    expire(plain, now);
    rounds.forEach(round -> expire(round.reads(), now));
    held.forEach(read -> expire(read.call(), now));
    release();
  }

  private static void expire(List<Waiting> reads, long now) {
    for (Waiting read : reads) {
      expire(read.call(), now);
    }
  }

  private static void expire(Call call, long now) {
    if (!call.answered() && call.isPast(now)) {
      call.fail(new RegionError.DeadlineExceeded("not read before the deadline"));
    }
  }
}
