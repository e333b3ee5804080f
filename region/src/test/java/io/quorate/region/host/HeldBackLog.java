package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.raft.GroupId;
import io.quorate.raft.Leadership;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.StateMachine;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A log of one replica in which nothing happens by itself: the test applies entries and ends barriers when it likes. */
final class HeldBackLog implements ReplicatedLog<EntryResult> {
  private static final long TERM = 3;

  private final ReplicaId self;
  private final StateMachine<EntryResult> machine;
  private final ArrayDeque<CompletableFuture<ReadPoint>> barriers = new ArrayDeque<>();
  private long index = 1;

  HeldBackLog(ReplicaId self, StateMachine<EntryResult> machine) {
    this.self = self;
    this.machine = machine;
  }

  void lead() {
    machine.onLeading(TERM);
  }

  /** Applies an entry, as if it had been committed. */
  EntryResult apply(byte[] data) {
    return machine.apply(List.of(new LogEntry(++index, TERM, Bytes.wrap(data)))).get(0);
  }

  /** Barriers that nobody has ended. */
  int waiting() {
    return barriers.size();
  }

  void endBarrier() {
    barriers.remove().complete(new ReadPoint(TERM, index));
  }

  @Override
  public GroupId group() {
    return new GroupId(1);
  }

  @Override
  public ReplicaId self() {
    return self;
  }

  @Override
  public Leadership leadership() {
    return new Leadership(TERM, Optional.of(self), true);
  }

  @Override
  public Membership membership() {
    return Membership.ofVoters(List.of(self));
  }

  @Override
  public long appliedIndex() {
    return index;
  }

  @Override
  public CompletableFuture<EntryResult> propose(byte[] data, long expectedTerm) {
    return new CompletableFuture<>();
  }

  @Override
  public CompletableFuture<ReadPoint> readBarrier() {
    CompletableFuture<ReadPoint> barrier = new CompletableFuture<>();
    barriers.add(barrier);
    return barrier;
  }

  @Override
  public CompletableFuture<Membership> change(MembershipChange change) {
    throw new AssertionError("nobody changes the members");
  }

  @Override
  public CompletableFuture<Void> transferLeadership(ReplicaId to) {
    throw new AssertionError("nobody hands over");
  }

  @Override
  public void campaign() {}
}
