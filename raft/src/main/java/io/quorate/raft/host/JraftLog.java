package io.quorate.raft.host;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.Task;
import io.quorate.raft.GroupId;
import io.quorate.raft.Leadership;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;
import io.quorate.raft.Membership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import io.quorate.raft.ReplicatedLog;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The log of one replica, on jraft; handed out by the {@link RaftHost}. Any thread, never waits. */
final class JraftLog<R> implements ReplicatedLog<R> {
  private final Group group;
  private final NodeImpl node;
  private final RaftConfig config;
  /** For calls that take the node's lock, which a vote may hold while it waits for the disk. */
  private final Executor waiting;

  private final GroupChanges changes;

  JraftLog(Group group, RaftConfig config, Executor waiting, HostTimers timers) {
    this.group = group;
    this.node = group.node();
    this.config = config;
    this.waiting = waiting;
    this.changes = new GroupChanges(group, waiting, timers);
  }

  @Override
  public GroupId group() {
    return group.id();
  }

  @Override
  public ReplicaId self() {
    return group.self();
  }

  @Override
  public Leadership leadership() {
    return group.leadership().now();
  }

  @Override
  public Membership membership() {
    return group.membership();
  }

  @Override
  public long appliedIndex() {
    return group.appliedIndex();
  }

  @Override
  public CompletableFuture<R> propose(byte[] data, long expectedTerm) {
    Optional<LogException> refusal = refusal(data, expectedTerm);
    if (refusal.isPresent()) {
      return CompletableFuture.failedFuture(refusal.get());
    }
    Optional<Proposal<R>> begun = group.proposals().begin();
    if (begun.isEmpty()) {
      return failed(Kind.BUSY, config.maxPendingProposals() + " proposals are pending");
    }
    Proposal<R> proposal = begun.get();
    try {
      node.apply(new Task(ByteBuffer.wrap(data), proposal, expectedTerm));
    } catch (IllegalStateException stopping) {
      // Thrown besides failing the proposal; if it was queued already, its end is not known here.
      proposal.fail(new LogException(Kind.INDETERMINATE, String.valueOf(stopping.getMessage())));
    }
    group.proposals().handed(proposal, "group=" + group.id() + " is stopped");
    return proposal.answer();
  }

  private Optional<LogException> refusal(byte[] data, long expectedTerm) {
    Optional<String> ended = group.ended();
    if (ended.isPresent()) {
      return Optional.of(new LogException(Kind.REFUSED, ended.get()));
    }
    if (data.length > config.maxEntryBytes()) {
      return Optional.of(new LogException(
          Kind.REFUSED, data.length + " bytes exceed the limit of " + config.maxEntryBytes()));
    }
    if (data.length == 0) {
      return Optional.of(new LogException(Kind.REFUSED, "an entry needs data"));
    }
    if (expectedTerm < 1) {
      return Optional.of(new LogException(Kind.STALE_TERM, "no term " + expectedTerm));
    }
    return Optional.empty();
  }

  @Override
  public CompletableFuture<ReadPoint> readBarrier() {
    return group
        .ended()
        .map(why -> JraftLog.<ReadPoint>failed(Kind.REFUSED, why))
        .orElseGet(() -> group.barrier().arrive());
  }

  @Override
  public CompletableFuture<Membership> change(MembershipChange change) {
    return changes.begin(change);
  }

  @Override
  public List<ReplicaProgress> progress() {
    return group.followers().progress();
  }

  @Override
  public void tellCommitted(long store) {
    waiting.execute(() -> group.followers().tellCommitted(store));
  }

  @Override
  public CompletableFuture<Void> transferLeadership(ReplicaId to) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    waiting.execute(() -> guarded(told, () -> {
      Status status = node.transferLeadershipTo(group.peers().toPeer(to));
      if (status.isOk()) {
        told.complete(null);
      } else {
        told.completeExceptionally(Refusals.ofTransfer(status));
      }
    }));
    return told;
  }

  @Override
  public void campaign() {
    waiting.execute(group::campaign);
  }

  /** Of requests that jraft answers with an exception: the group is down, or they make no sense as things are. */
  private void guarded(CompletableFuture<?> answer, Runnable work) {
    try {
      work.run();
    } catch (IllegalStateException | IllegalArgumentException e) {
      answer.completeExceptionally(new LogException(Kind.REFUSED, String.valueOf(e.getMessage())));
    }
  }

  private static <T> CompletableFuture<T> failed(Kind kind, String why) {
    return CompletableFuture.failedFuture(new LogException(kind, why));
  }
}
