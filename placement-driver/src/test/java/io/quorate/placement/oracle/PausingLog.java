package io.quorate.placement.oracle;

import io.quorate.raft.GroupId;
import io.quorate.raft.Leadership;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.sim.SimScheduler;
import java.util.concurrent.CompletableFuture;

/** A log whose process may be stopped (SIGSTOP) between the confirmation of its leadership and what it does with it. */
final class PausingLog<R> implements ReplicatedLog<R> {
  private final ReplicatedLog<R> log;
  private final SimScheduler scheduler;
  private final long pauseMaxNanos;

  PausingLog(ReplicatedLog<R> log, SimScheduler scheduler, long pauseMaxNanos) {
    this.log = log;
    this.scheduler = scheduler;
    this.pauseMaxNanos = pauseMaxNanos;
  }

  @Override
  public GroupId group() {
    return log.group();
  }

  @Override
  public ReplicaId self() {
    return log.self();
  }

  @Override
  public Leadership leadership() {
    return log.leadership();
  }

  @Override
  public Membership membership() {
    return log.membership();
  }

  @Override
  public long appliedIndex() {
    return log.appliedIndex();
  }

  @Override
  public CompletableFuture<R> propose(byte[] data, long expectedTerm) {
    return log.propose(data, expectedTerm);
  }

  @Override
  public CompletableFuture<ReadPoint> readBarrier() {
    CompletableFuture<ReadPoint> late = new CompletableFuture<>();
    var unused = log.readBarrier().whenComplete((point, failure) -> {
      long pause = scheduler.chance(0.2) ? scheduler.pick(0, pauseMaxNanos) : 0;
      scheduler.after(pause, () -> {
        if (failure != null) {
          late.completeExceptionally(failure);
        } else {
          late.complete(point);
        }
      });
    });
    return late;
  }

  @Override
  public CompletableFuture<Membership> change(MembershipChange change) {
    return log.change(change);
  }

  @Override
  public CompletableFuture<Void> transferLeadership(ReplicaId to) {
    return log.transferLeadership(to);
  }

  @Override
  public void campaign() {
    log.campaign();
  }
}
