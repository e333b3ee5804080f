package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.raft.LogException;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.storage.RegionStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes one region's replicas: one at a time, one peer per change, each bound to the epoch it was thought out for. Owned by
 * the region's host. Thread: any; never waits.
 */
final class PeerChanges {
  private static final Logger log = LoggerFactory.getLogger(PeerChanges.class);

  private final ReplicatedLog<EntryResult> raft;
  private final RegionStore store;
  private final MoveLimits limits;
  private final AtomicBoolean changing = new AtomicBoolean();
  /** The last term in which a change of unknown outcome was begun: it may still come. */
  private volatile long unknownIn;
  /** The last term in which it is not known whether an entry that bars changes will come. */
  private volatile long barredIn;

  PeerChanges(ReplicatedLog<EntryResult> raft, RegionStore store, MoveLimits limits) {
    this.raft = raft;
    this.store = store;
    this.limits = limits;
  }

  ReplicaHealth health() {
    return ReplicaHealth.judge(raft.progress(), raft.appliedIndex(), limits);
  }

  /**
   * Makes the change.
   *
   * @return the descriptor once it shows the change here; fails with {@link LogException}
   */
  CompletableFuture<RegionDescriptor> begin(
      RegionEpoch expected, MembershipChange.Kind kind, Peer peer) {
    if (!changing.compareAndSet(false, true)) {
      return refused(LogException.Kind.BUSY, "another change is under way");
    }
    ReplicaId replica = new ReplicaId(peer.store().value(), peer.replica());
    // Looked at only now: the change before this one is in the descriptor before the next begins.
    Optional<String> refusal = refusal(store.descriptor(), expected, kind, replica);
    CompletableFuture<RegionDescriptor> changed = refusal.isPresent()
        ? refused(LogException.Kind.REFUSED, refusal.get())
        : raft.change(new MembershipChange(kind, replica)).thenApply(members -> store.descriptor());
    long term = raft.leadership().term();
    return changed.whenComplete((now, failure) -> {
      if (LogFailures.isUnknown(failure)) {
        unknownIn = term;
      }
      changing.set(false);
      if (failure == null) {
        log.info("region={} epoch={} {} of {} done", now.id(), now.epoch(), kind, peer);
      }
    });
  }

  private Optional<String> refusal(
      RegionDescriptor now, RegionEpoch expected, MembershipChange.Kind kind, ReplicaId replica) {
    if (!raft.leadership().leading()) {
      return Optional.of("this replica does not lead");
    }
    if (store.mergeState().isUnderWay() || raft.leadership().term() == barredIn) {
      return Optional.of("the region is being merged");
    }
    if (!now.epoch().equals(expected)) {
      return Optional.of("the region is at epoch " + now.epoch() + ", not " + expected);
    }
    return switch (kind) {
      case ADD_LEARNER ->
        now.peers().stream()
            .filter(peer ->
                peer.store().value() == replica.store() && peer.replica() != replica.replica())
            .findFirst()
            .map(peer -> "store " + replica.store() + " holds " + peer + " already");
      case PROMOTE -> behind(replica);
      // It would stop serving before anybody else can.
      case REMOVE ->
        raft.self().equals(replica)
            ? Optional.of(replica + " leads: hand the lead over first")
            : Optional.empty();
    };
  }

  /**
   * Puts an entry into the log after which members must stay as they are, while none of them is being changed. Where its outcome
   * is unknown, no change begins before a later entry of the same term has been applied: then so was this one, or never will be.
   */
  CompletableFuture<EntryResult> propose(byte[] entry, long term) {
    if (term == unknownIn || !changing.compareAndSet(false, true)) {
      return refused(LogException.Kind.BUSY, "the region's members are being changed");
    }
    return raft.propose(entry, term).whenComplete((result, failure) -> {
      if (LogFailures.isUnknown(failure)) {
        settle(term);
      } else {
        changing.set(false);
      }
    });
  }

  private void settle(long term) {
    byte[] nothing = LogCodec.encode(LogCommands.of(store.descriptor().epoch(), List.of()));
    var unused = raft.propose(nothing, term).whenComplete((result, failure) -> {
      if (LogFailures.isUnknown(failure)) {
        // Members stay as they are for the rest of this term, if it goes on at all.
        barredIn = term;
      }
      changing.set(false);
    });
  }

  private Optional<String> behind(ReplicaId learner) {
    long applied = raft.appliedIndex();
    for (ReplicaProgress other : raft.progress()) {
      if (other.replica().equals(learner)) {
        return ReplicaHealth.isCaughtUp(other, applied, limits)
            ? Optional.empty()
            : Optional.of(learner + " has not caught up: it is known to have " + other.matched()
                + " of " + applied);
      }
    }
    return Optional.of(learner + " is not a replica of this region");
  }

  private static <T> CompletableFuture<T> refused(LogException.Kind kind, String why) {
    return CompletableFuture.failedFuture(new LogException(kind, why));
  }
}
