package io.quorate.raft.sim;

import io.quorate.model.Bytes;
import io.quorate.raft.GroupId;
import io.quorate.raft.Leadership;
import io.quorate.raft.LogEntry;
import io.quorate.raft.LogException;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.StateMachine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a {@link SimGroup}. Single-threaded, on the group's scheduler; futures complete within its tasks.
 *
 * @param <R> what the state machine answers for an entry
 */
public final class SimLog<R> implements ReplicatedLog<R> {
  private static final int MAX_BATCH = 8;

  private final SimGroup<R> group;
  private final ReplicaId self;
  private final StateMachine<R> machine;
  private final Map<Long, CompletableFuture<R>> proposed = new HashMap<>();
  private final List<Waiting> waiting = new ArrayList<>();

  private long term;
  private @Nullable ReplicaId leader;
  private boolean leading;
  private long leadsFrom = Long.MAX_VALUE;
  private long known;
  private long applied;
  private boolean applying;
  private boolean crashed;
  private boolean deaf;
  private long appendedAt;
  private long toldOf;

  private record Waiting(long index, long term, CompletableFuture<ReadPoint> future) {}

  SimLog(SimGroup<R> group, ReplicaId self, StateMachine<R> machine) {
    this.group = group;
    this.self = self;
    this.machine = machine;
    this.term = group.seed().term();
    this.applied = Math.max(machine.appliedIndex(), group.seed().index());
    this.known = applied;
  }

  @Override
  public GroupId group() {
    return group.seed().group();
  }

  @Override
  public ReplicaId self() {
    return self;
  }

  @Override
  public Leadership leadership() {
    return new Leadership(term, Optional.ofNullable(leader), leading && applied >= leadsFrom);
  }

  @Override
  public Membership membership() {
    return group.seed().membership();
  }

  @Override
  public long appliedIndex() {
    return applied;
  }

  @Override
  public CompletableFuture<R> propose(byte[] data, long expectedTerm) {
    CompletableFuture<R> future = new CompletableFuture<>();
    if (crashed) {
      return future;
    }
    if (!leading) {
      return CompletableFuture.failedFuture(
          new LogException(LogException.Kind.NOT_LEADER, self + " does not lead"));
    }
    if (expectedTerm != term) {
      return CompletableFuture.failedFuture(new LogException(
          LogException.Kind.STALE_TERM, "term " + expectedTerm + " is over, it is " + term));
    }
    Bytes entry = Bytes.copyOf(data);
    long inTerm = term;
    // A round to a majority; the leader may be deposed meanwhile. Rounds of one leader end in
    // order.
    if (group.leads(self, inTerm)) {
      group.append(entry);
    }
    append(() -> replicate(inTerm, future));
    return future;
  }

  private void append(Runnable task) {
    SimScheduler scheduler = group.scheduler();
    appendedAt = Math.max(scheduler.nanos() + group.delay(), appendedAt + 1);
    scheduler.after(appendedAt - scheduler.nanos(), task);
  }

  private void replicate(long inTerm, CompletableFuture<R> future) {
    SimScheduler scheduler = group.scheduler();
    if (crashed || !group.leads(self, inTerm)) {
      fail(future, "deposed before it was committed");
      return;
    }
    Bytes entry = group.takeNext();
    if (scheduler.chance(group.faults().lostProposals())) {
      fail(future, "lost");
      return;
    }
    boolean told = !scheduler.chance(group.faults().unknownOutcomes());
    long index = group.commit(entry);
    if (told) {
      proposed.put(index, future);
    } else {
      fail(future, "its answer was lost");
    }
  }

  private void fail(CompletableFuture<R> future, String why) {
    group.scheduler().after(group.delay(), () -> {
      if (!crashed) {
        future.completeExceptionally(
            new LogException(LogException.Kind.INDETERMINATE, "unknown whether applied: " + why));
      }
    });
  }

  @Override
  public CompletableFuture<ReadPoint> readBarrier() {
    CompletableFuture<ReadPoint> future = new CompletableFuture<>();
    if (crashed) {
      return future;
    }
    if (!leading || applied < leadsFrom) {
      return CompletableFuture.failedFuture(
          new LogException(LogException.Kind.NOT_LEADER, self + " does not lead"));
    }
    long inTerm = term;
    // The index is taken when asked, the leadership confirmed after that.
    long index = group.leads(self, inTerm) ? group.lastIndex() : known;
    group.scheduler().after(group.delay(), () -> confirm(inTerm, index, future));
    return future;
  }

  private void confirm(long inTerm, long index, CompletableFuture<ReadPoint> future) {
    if (crashed) {
      return;
    }
    if (!group.leads(self, inTerm) || group.scheduler().chance(group.faults().failedBarriers())) {
      future.completeExceptionally(
          new LogException(LogException.Kind.NOT_LEADER, self + " could not be confirmed"));
    } else {
      waiting.add(new Waiting(index, inTerm, future));
      answerWaiting();
    }
  }

  private void answerWaiting() {
    List<Waiting> ready = new ArrayList<>();
    waiting.removeIf(one -> one.index <= applied && ready.add(one));
    ready.forEach(one -> one.future.complete(new ReadPoint(one.term, one.index)));
  }

  @Override
  public CompletableFuture<Membership> change(MembershipChange change) {
    return CompletableFuture.failedFuture(
        new LogException(LogException.Kind.REFUSED, "members of a simulated group are fixed"));
  }

  @Override
  public CompletableFuture<Void> transferLeadership(ReplicaId to) {
    if (!leading) {
      return CompletableFuture.failedFuture(
          new LogException(LogException.Kind.NOT_LEADER, self + " does not lead"));
    }
    group.scheduler().after(group.delay(), () -> group.log(to).ifPresent(SimLog::campaign));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void campaign() {
    group.scheduler().after(group.delay(), () -> {
      if (!crashed) {
        group.elect(self);
      }
    });
  }

  /** Cut off or paused: it hears of nothing committed until it hears of the new leader. */
  void deafen() {
    deaf = true;
  }

  void lead(long newTerm, long from) {
    loseLeadership();
    hearAgain();
    term = newTerm;
    leader = self;
    leading = true;
    leadsFrom = from;
    reachLeading();
  }

  void follow(long newTerm, ReplicaId newLeader) {
    boolean old = newTerm < term || (newTerm == term && leader != null);
    if (crashed || old) {
      return;
    }
    loseLeadership();
    term = newTerm;
    leader = newLeader;
    hearAgain();
  }

  private void hearAgain() {
    deaf = false;
    committedUpTo(group.lastIndex());
  }

  private void loseLeadership() {
    if (leading) {
      boolean served = applied >= leadsFrom;
      leading = false;
      leadsFrom = Long.MAX_VALUE;
      if (served) {
        machine.onLeadershipLost(term);
      }
      waiting.forEach(one -> one.future.completeExceptionally(
          new LogException(LogException.Kind.NOT_LEADER, self + " was deposed")));
      waiting.clear();
    }
  }

  private void reachLeading() {
    if (leading && applied >= leadsFrom && toldOf != term) {
      toldOf = term;
      machine.onLeading(term);
    }
  }

  void committedUpTo(long index) {
    if (crashed || deaf || index <= known) {
      return;
    }
    known = index;
    if (!applying) {
      applying = true;
      group.scheduler().after(group.delay(), this::applyNext);
    }
  }

  private void applyNext() {
    if (crashed) {
      return;
    }
    int most = 1 + group.scheduler().random().nextInt(MAX_BATCH);
    List<LogEntry> entries = group.entries(applied, known, most);
    long upTo = entries.size() < most ? known : entries.get(entries.size() - 1).index();
    List<R> answers = entries.isEmpty() ? List.of() : machine.apply(entries);
    if (answers.size() != entries.size()) {
      throw new IllegalStateException(
          entries.size() + " entries were answered by " + answers.size() + " answers");
    }
    applied = upTo;
    for (int i = 0; i < entries.size(); i++) {
      CompletableFuture<R> future = proposed.remove(entries.get(i).index());
      if (future != null) {
        future.complete(answers.get(i));
      }
    }
    reachLeading();
    answerWaiting();
    applying = applied < known && !crashed;
    if (applying) {
      group.scheduler().after(group.delay(), this::applyNext);
    }
  }

  void crash() {
    crashed = true;
    leading = false;
    leader = null;
  }
}
