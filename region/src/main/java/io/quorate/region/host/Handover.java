package io.quorate.region.host;

import io.quorate.raft.LogException;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives one region's leadership away without leaving a write of unknown fate: no new ones are begun, those at hand are waited for,
 * then the other is told to campaign. Owned by the region's host; its methods run on the host's mailbox.
 */
final class Handover {
  private final RegionHost host;
  private final ReplicatedLog<EntryResult> raft;
  private final long pauseNanos;

  private @Nullable ReplicaId to;
  private CompletableFuture<Void> told = new CompletableFuture<>();
  private boolean asked;
  private long since;

  /**
   * @param pauseNanos after which writes go on where nobody took the lead
   */
  Handover(RegionHost host, ReplicatedLog<EntryResult> raft, long pauseNanos) {
    this.host = host;
    this.raft = raft;
    this.pauseNanos = pauseNanos;
  }

  /** Whether writes are held back. */
  boolean isUnderWay() {
    return to != null;
  }

  void begin(ReplicaId target, CompletableFuture<Void> done) {
    if (to != null) {
      done.completeExceptionally(
          new LogException(LogException.Kind.BUSY, "leadership is being handed over"));
      return;
    }
    to = target;
    told = done;
    asked = false;
    since = host.now();
  }

  /**
   * Goes on if it can.
   *
   * @param settled whether no write is at hand
   */
  void step(boolean settled) {
    ReplicaId target = to;
    if (target == null) {
      return;
    }
    if (host.now() - since > pauseNanos) {
      to = null;
      told.completeExceptionally(
          new LogException(LogException.Kind.BUSY, "writes at hand did not end in time"));
    } else if (settled && !asked) {
      asked = true;
      CompletableFuture<Void> done = told;
      var unused = raft.transferLeadership(target).whenComplete((ok, failure) -> {
        if (failure == null) {
          done.complete(null);
        } else {
          done.completeExceptionally(LogFailures.unwrap(failure));
          host.post(() -> end(done));
        }
      });
    }
  }

  private void end(CompletableFuture<Void> done) {
    if (told == done) {
      to = null;
    }
  }

  void onLeadershipLost() {
    if (to != null && !asked) {
      told.completeExceptionally(
          new LogException(LogException.Kind.NOT_LEADER, "this replica does not lead any more"));
    }
    to = null;
  }
}
