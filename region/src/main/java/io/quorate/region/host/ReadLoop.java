package io.quorate.region.host;

import io.quorate.model.RegionError;
import io.quorate.raft.LogException;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The read path of one region. A snapshot read takes R from the oracle after it arrived, then has the leadership confirmed,
 * then waits for the writes in flight that may get a stamp up to R, then reads at R; a get needs the confirmation only; a read
 * that names R itself asks the oracle meanwhile what is compacted. All that waits shares one round; the next one fills meanwhile. Owned by the region's host; every method runs on its mailbox.
 */
final class ReadLoop {
  /** A read that waits for a round, or for writes in flight; at the revision, 0 for "the round's". */
  private record Waiting(Call call, long revision) {}

  /** A read that may go once nothing in flight holds it back. */
  private record Held(Call call, long revision, long term) {}

  /** What a read needs before it may go. */
  private enum Kind {
    /** That this replica leads. */
    PLAIN,
    /** A fresh number, and that this replica led after it was given. */
    NUMBERED,
    /** It names a revision: that this replica leads, and what is compacted by now. */
    DATED,
    /** It names a revision, and any replica will do: what is compacted by now. */
    LOCAL
  }

  /** Reads that share a confirmation. */
  private record Round(List<Waiting> reads, Lane lane) {}

  /** Reads of one kind: those that wait for the next round, and how many rounds are under way. */
  private static final class Lane {
    private final Kind kind;
    private List<Waiting> reads = new ArrayList<>();
    private int rounds;

    Lane(Kind kind) {
      this.kind = kind;
    }

    void add(Call call, long revision) {
      reads.add(new Waiting(call, revision));
    }

    List<Waiting> take() {
      List<Waiting> taken = reads;
      reads = new ArrayList<>();
      return taken;
    }
  }

  /** The point is none of a round that needs no leader. */
  private record Confirmed(OracleState state, @Nullable ReadPoint point) {}

  private final RegionHost host;
  private final RegionHostConfig config;
  private final Oracle oracle;
  private final ReplicatedLog<EntryResult> raft;
  private final Reader reader;

  private final Lane plain = new Lane(Kind.PLAIN);
  private final Lane numbered = new Lane(Kind.NUMBERED);
  private final Lane dated = new Lane(Kind.DATED);
  private final Lane local = new Lane(Kind.LOCAL);
  private final List<Lane> lanes = List.of(plain, numbered, dated, local);
  private final List<Round> rounds = new ArrayList<>();
  private List<Held> held = new ArrayList<>();
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
      plain.add(call, 0);
    }
  }

  /** A range that any replica may answer, at the revision it names. */
  void addLocal(Call call, long revision) {
    if (admit(call)) {
      local.add(call, revision);
    }
  }

  /** A range, or a transaction that will not write: at the revision, or at a fresh one if that is 0. */
  void addSnapshot(Call call, long revision) {
    if (!admit(call)) {
      return;
    }
    OracleState known = oracle.newestKnown();
    boolean checked = revision > 0 && !call.mayReadBelowCompacted();
    if (checked && revision < known.compacted()) {
      waiting--;
      call.refuse(Refusal.compacted(known.compacted()));
    } else if (revision == 0 || revision > known.revision()) {
      numbered.add(call, revision);
    } else {
      (checked ? dated : plain).add(call, revision);
    }
  }

  /** Starts rounds for what has come. */
  void pump() {
    for (Lane lane : lanes) {
      if (!lane.reads.isEmpty() && lane.rounds < config.maxReadRounds()) {
        Round round = new Round(lane.take(), lane);
        lane.rounds++;
        rounds.add(round);
        var unused = confirm(lane.kind)
            .whenComplete((confirmed, failure) -> host.post(() -> end(round, confirmed, failure)));
      }
    }
  }

  private CompletableFuture<Confirmed> confirm(Kind kind) {
    return switch (kind) {
      case PLAIN ->
        raft.readBarrier().thenApply(point -> new Confirmed(oracle.newestKnown(), point));
      // The barrier begins after the number is known: whoever deposed us later asks for greater
      // ones.
      case NUMBERED ->
        oracle
            .current()
            .thenCompose(
                state -> raft.readBarrier().thenApply(point -> new Confirmed(state, point)));
      // The revision was given before: which of the two comes first does not matter, so both go at
      // once, and what the read waits for is the slower of them.
      case DATED -> oracle.current().thenCombine(raft.readBarrier(), Confirmed::new);
      case LOCAL -> oracle.current().thenApply(state -> new Confirmed(state, null));
    };
  }

  private void end(Round round, @Nullable Confirmed confirmed, @Nullable Throwable failure) {
    rounds.remove(round);
    round.lane().rounds--;
    if (confirmed == null) {
      RegionError error = error(failure);
      for (Waiting read : round.reads()) {
        finish(read.call(), error);
      }
      return;
    }
    for (Waiting read : round.reads()) {
      ReadPoint point = confirmed.point();
      if (read.call().answered()) {
        waiting--;
      } else if (point == null) {
        waiting--;
        reader.local(read.call());
      } else if (point.term() != host.term()) {
        finish(read.call(), host.errors().notLeader());
      } else if (!host.ownsKeys(read.call())) {
        // The barrier may have waited for a split: another region may have written them since.
        finish(read.call(), host.errors().epochMismatch());
      } else if (read.call().isAboutLeases()) {
        waiting--;
        host.leases().answer(read.call());
      } else if (read.call().isAboutTxns()) {
        waiting--;
        host.txns().answer(read.call());
      } else if (read.call().isGet()) {
        waiting--;
        reader.get(read.call());
      } else {
        enter(read, confirmed.state(), point.term());
      }
    }
  }

  private void enter(Waiting read, OracleState state, long term) {
    Call call = read.call();
    if (read.revision() > state.revision()) {
      waiting--;
      call.refuse(Refusal.FUTURE_REVISION);
    } else if (read.revision() > 0
        && read.revision() < state.compacted()
        && !call.mayReadBelowCompacted()) {
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
    if (host.writes().holdsBack(read.term(), read.revision(), call.footprint())) {
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
    for (Lane lane : lanes) {
      if (lane != local) {
        lane.take().forEach(read -> finish(read.call(), error));
      }
    }
    for (Round round : rounds) {
      if (round.lane() != local) {
        round.reads().forEach(read -> read.call().fail(error));
      }
    }
    release();
  }

  /** Looks at deadlines. */
  void tick(long now) {
    lanes.forEach(lane -> expire(lane.reads, now));
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
