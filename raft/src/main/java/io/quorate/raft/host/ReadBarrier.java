package io.quorate.raft.host;

import io.quorate.proto.GroupTerm;
import io.quorate.raft.GroupId;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One group's read barrier (Raft dissertation 6.4), in place of jraft's: rounds of questions that all groups of a pair of
 * stores share. Owned by the group; asked from any thread, answered on raft's threads.
 *
 * <p>A round of the leader of term T starts after the reads it serves have arrived; it takes the commit index, then asks each
 * voter "have you promised a later term than T?", itself included. A majority (of both sets while members change) that says
 * no proves that at the moment of each such answer, hence when the reads arrived, no leader of a later term existed: that one
 * would need a promise from one of these voters, which the voter had not made yet, and a promise counts from before it
 * becomes durable, let alone known ({@link io.quorate.raft.storage.SharedMetaStorage#promisedTerm}). So all that was
 * committed when the reads arrived was committed in T or before. What was committed before T is in this leader's log below
 * its own first entry (Leader Completeness, Raft 5.4.3), which is committed and applied, or it would not be {@code leading}.
 * What was committed in T this replica committed itself, at or below the index taken. Once that is applied here, the reads
 * see all of it.
 *
 * <p>No clock is involved. A leader that is stopped (SIGSTOP) and deposed meanwhile may still be handed answers given before
 * the stop: they prove the same as ever, and the reads answered by them were open all the time, so that answering them from
 * the older state is in order. Reads that arrive after it wakes start a new round, which the majority refuses. An answer
 * belongs to one round of one stream, a round to one term; neither is used again (etcd #20418).
 */
final class ReadBarrier {
  /** What a round needs to know of its group; looked up when the round starts. */
  interface Group {
    GroupId id();

    ReplicaId self();

    /** The term this replica leads and serves in, or empty. */
    Optional<Long> leadingTerm();

    /** Whether this replica itself has promised a later term. */
    boolean promisedBeyond(long term);

    long committedIndex();

    /** Voters of the newest configuration in the log; two sets while it changes. */
    Quorum quorum();

    /** Asks a voter's store with the next message to it; a lost stream answers no. */
    void ask(ReplicaId voter, GroupTerm question, Consumer<Boolean> answer);

    /** The round's questions are all asked. */
    void asked(List<ReplicaId> voters);

    /** Says whether the group has a round under way, which {@link #expire} must be called for. */
    void underWay(boolean any);
  }

  /** One round; guarded by the barrier's lock. */
  private static final class Round {
    final long term;
    final long index;
    final Quorum quorum;
    final List<CompletableFuture<ReadPoint>> reads;
    final long startedNanos = System.nanoTime();
    final Set<ReplicaId> confirmed = new HashSet<>();
    final Set<ReplicaId> refused = new HashSet<>();

    Round(long term, long index, Quorum quorum, List<CompletableFuture<ReadPoint>> reads) {
      this.term = term;
      this.index = index;
      this.quorum = quorum;
      this.reads = reads;
    }
  }

  private final Group group;
  private final AppliedWait applied;
  private final int maxReads;
  private final long timeoutNanos;
  private final AtomicInteger open = new AtomicInteger();

  private final ReentrantLock lock = new ReentrantLock();
  private List<CompletableFuture<ReadPoint>> waiting = new ArrayList<>();
  private @Nullable Round round;
  private @Nullable String ended;

  ReadBarrier(Group group, AppliedWait applied, int maxReads, long timeoutNanos) {
    this.group = group;
    this.applied = applied;
    this.maxReads = maxReads;
    this.timeoutNanos = timeoutNanos;
  }

  CompletableFuture<ReadPoint> arrive() {
    if (group.leadingTerm().isEmpty()) {
      return CompletableFuture.failedFuture(
          new LogException(Kind.NOT_LEADER, "group=" + group.id() + " is not led here"));
    }
    if (open.incrementAndGet() > maxReads) {
      open.decrementAndGet();
      return CompletableFuture.failedFuture(
          new LogException(Kind.BUSY, maxReads + " read barriers are open"));
    }
    CompletableFuture<ReadPoint> read = new CompletableFuture<>();
    boolean start;
    lock.lock();
    try {
      waiting.add(read);
      start = round == null;
    } finally {
      lock.unlock();
    }
    if (start) {
      nextRound();
    }
    return read;
  }

  /** Fails a round that no majority confirmed in time; called now and then while one is under way. */
  void expire(long nowNanos) {
    Round late;
    lock.lock();
    try {
      late = round;
      if (late == null || nowNanos - late.startedNanos < timeoutNanos) {
        return;
      }
      round = null;
    } finally {
      lock.unlock();
    }
    fail(late.reads, Kind.NOT_LEADER, "leadership of term " + late.term + " not confirmed in time");
    nextRound();
  }

  /** The group serves no more. */
  void end(String why) {
    List<CompletableFuture<ReadPoint>> reads = new ArrayList<>();
    lock.lock();
    try {
      ended = why;
      reads.addAll(waiting);
      if (round != null) {
        reads.addAll(round.reads);
      }
      waiting = new ArrayList<>();
      round = null;
    } finally {
      lock.unlock();
    }
    group.underWay(false);
    fail(reads, Kind.REFUSED, why);
  }

  private void nextRound() {
    Round next = begin();
    while (next != null && next.quorum.reachedBy(next.confirmed)) {
      // The only voter needs nobody's answer.
      end(next);
      confirmed(next);
      next = begin();
    }
    if (next != null) {
      group.underWay(true);
      ask(next);
    }
  }

  /** Starts a round for what waits, unless one is under way or this replica does not lead. */
  private @Nullable Round begin() {
    List<CompletableFuture<ReadPoint>> reads;
    lock.lock();
    try {
      if (round != null) {
        return null;
      }
      if (waiting.isEmpty()) {
        group.underWay(false);
        return null;
      }
      reads = waiting;
      waiting = new ArrayList<>();
      round = ended == null ? open(reads) : null;
      if (round != null) {
        return round;
      }
    } finally {
      lock.unlock();
    }
    fail(reads, Kind.NOT_LEADER, "group=" + group.id() + " is not led here any more");
    return null;
  }

  private void end(Round over) {
    lock.lock();
    try {
      if (round == over) {
        round = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Every look-up of a round comes after the arrival of its reads. Null where this replica does not lead. */
  private @Nullable Round open(List<CompletableFuture<ReadPoint>> reads) {
    long term = group.leadingTerm().orElse(0L);
    if (term == 0) {
      return null;
    }
    Round opened = new Round(term, group.committedIndex(), group.quorum(), reads);
    (group.promisedBeyond(term) ? opened.refused : opened.confirmed).add(group.self());
    return opened;
  }

  private void ask(Round started) {
    GroupTerm.Builder question =
        GroupTerm.newBuilder().setGroupId(group.id().value()).setTerm(started.term);
    List<ReplicaId> others = new ArrayList<>(started.quorum.voters());
    others.remove(group.self());
    for (ReplicaId voter : others) {
      group.ask(
          voter,
          question.setReplicaId(voter.replica()).build(),
          yes -> answered(started, voter, yes));
    }
    group.asked(others);
  }

  private void answered(Round of, ReplicaId voter, boolean yes) {
    boolean reached;
    lock.lock();
    try {
      if (round != of) {
        return;
      }
      (yes ? of.confirmed : of.refused).add(voter);
      reached = of.quorum.reachedBy(of.confirmed);
      if (!reached && !of.quorum.deniedBy(of.refused)) {
        return;
      }
      round = null;
    } finally {
      lock.unlock();
    }
    if (reached) {
      confirmed(of);
    } else {
      fail(of.reads, Kind.NOT_LEADER, "leadership of term " + of.term + " was not confirmed");
    }
    nextRound();
  }

  private void confirmed(Round of) {
    ReadPoint point = new ReadPoint(of.term, of.index);
    applied.await(of.index, done -> finish(of.reads, point, done));
  }

  private void finish(List<CompletableFuture<ReadPoint>> reads, ReadPoint point, boolean done) {
    if (!done) {
      fail(reads, Kind.REFUSED, "group=" + group.id() + " ended");
      return;
    }
    open.addAndGet(-reads.size());
    reads.forEach(read -> read.complete(point));
  }

  private void fail(List<CompletableFuture<ReadPoint>> reads, Kind kind, String why) {
    if (reads.isEmpty()) {
      return;
    }
    open.addAndGet(-reads.size());
    LogException failure = new LogException(kind, why);
    reads.forEach(read -> read.completeExceptionally(failure));
  }
}
