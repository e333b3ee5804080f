package io.quorate.region.host;

import io.quorate.raft.LogException;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.ControlCodec;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.storage.RegionStore;
import java.util.concurrent.CompletableFuture;

/**
 * Puts the steps of merges into one region's log, those that bar changes of members only while none is under way. Owned by the
 * region's host; its methods run on the host's mailbox.
 */
final class MergeSteps {
  private final ReplicatedLog<EntryResult> raft;
  private final RegionStore store;
  private final PeerChanges changes;

  MergeSteps(ReplicatedLog<EntryResult> raft, RegionStore store, PeerChanges changes) {
    this.raft = raft;
    this.store = store;
    this.changes = changes;
  }

  void begin(MergeStep step, long term, CompletableFuture<Outcome.Merge> done) {
    if (term == 0) {
      done.completeExceptionally(
          new LogException(LogException.Kind.NOT_LEADER, "this replica does not lead"));
      return;
    }
    // Judged here too, so that what cannot be done costs no entry.
    if (!tell(step.judge(0, store.descriptor(), store.mergeState()), done, false)) {
      return;
    }
    byte[] entry = ControlCodec.encode(step);
    boolean bars = step instanceof MergeStep.Prepare || step instanceof MergeStep.Freeze;
    CompletableFuture<EntryResult> proposed =
        bars ? changes.propose(entry, term) : raft.propose(entry, term);
    var unused = proposed.whenComplete((result, failure) -> {
      if (result == null) {
        done.completeExceptionally(LogFailures.unwrap(failure));
      } else {
        tell(result.outcomes().get(0), done, true);
      }
    });
  }

  /** Whether it is, or would be, done; if not, the future has been told why. */
  private static boolean tell(
      Outcome outcome, CompletableFuture<Outcome.Merge> done, boolean isFinal) {
    if (outcome instanceof Outcome.Merge merge) {
      if (isFinal) {
        done.complete(merge);
      }
      return true;
    }
    String why = outcome instanceof Outcome.EpochMismatch mismatch
        ? "the region is at epoch " + mismatch.current().epoch()
        : outcome instanceof Outcome.Refused refused ? refused.refusal().message() : "" + outcome;
    done.completeExceptionally(new LogException(LogException.Kind.REFUSED, why));
    return false;
  }
}
