package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.raft.LogException;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.ComputeSum;
import io.quorate.region.command.ControlCodec;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.RegionSum;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one region, and has its replicas compared: one split at a time, each bound to the epoch it was thought out for. Owned by
 * the region's host; its methods run on the host's mailbox.
 */
final class RangeChanges {
  private final ReplicatedLog<EntryResult> raft;
  private final RegionStore store;
  /** The one under way; its end is seen by whoever asks for the next. */
  private CompletableFuture<?> splitting = CompletableFuture.completedFuture(null);
  /** The last entry that raises the floor. */
  private CompletableFuture<?> raising = CompletableFuture.completedFuture(null);

  RangeChanges(ReplicatedLog<EntryResult> raft, RegionStore store) {
    this.raft = raft;
    this.store = store;
  }

  void begin(Split split, long term, CompletableFuture<List<RegionDescriptor>> done) {
    if (!splitting.isDone()) {
      done.completeExceptionally(
          new LogException(LogException.Kind.BUSY, "another split is under way"));
      return;
    }
    // Judged here too, so that what cannot be done costs no entry.
    if (term == 0) {
      done.completeExceptionally(
          new LogException(LogException.Kind.NOT_LEADER, "this replica does not lead"));
    } else if (parts(store.judge(split), done) != null) {
      splitting = done;
      var unused = raft.propose(ControlCodec.encode(split), term)
          .whenComplete((result, failure) -> {
            if (result == null) {
              done.completeExceptionally(LogFailures.unwrap(failure));
            } else {
              List<RegionDescriptor> parts = parts(result.outcomes().get(0), done);
              if (parts != null) {
                done.complete(parts);
              }
            }
          });
    }
  }

  /** The parts; if there are none, the future has been told why. */
  private static @Nullable List<RegionDescriptor> parts(
      Outcome outcome, CompletableFuture<?> done) {
    if (outcome instanceof Outcome.Split split) {
      return split.regions();
    }
    String why = outcome instanceof Outcome.EpochMismatch mismatch
        ? "the region is at epoch " + mismatch.current().epoch()
        : outcome instanceof Outcome.Refused refused ? refused.refusal().message() : "" + outcome;
    done.completeExceptionally(new LogException(LogException.Kind.REFUSED, why));
    return null;
  }

  /**
   * An entry for nobody: with it the other replicas hear at once that the split is committed, and start the children whose votes
   * are being asked for.
   */
  void nudge(long term) {
    var unused =
        raft.propose(LogCodec.encode(LogCommands.of(store.descriptor().epoch(), List.of())), term);
  }

  /** One at a time; what becomes of it shows in the region's floor. */
  void advanceFloor(long to, long term) {
    if (term != 0 && raising.isDone()) {
      raising = raft.propose(ControlCodec.encode(new AdvanceFloor(to)), term);
    }
  }

  void check(long revision, long term, SumLedger ledger, CompletableFuture<RegionSum.Sum> done) {
    var unused = raft.propose(ControlCodec.encode(new ComputeSum(revision)), term)
        .thenCompose(result -> ledger.at(result.index()))
        .thenCompose(sum -> raft.propose(ControlCodec.encode(SumLedger.toVerify(sum)), term)
            .thenApply(verified -> sum))
        .whenComplete((sum, failure) -> {
          if (failure == null) {
            done.complete(sum);
          } else {
            done.completeExceptionally(LogFailures.unwrap(failure));
          }
        });
  }
}
