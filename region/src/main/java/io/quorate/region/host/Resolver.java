package io.quorate.region.host;

import io.quorate.model.StoreId;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.order.Resolved;
import io.quorate.region.storage.RegionStore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how far one region is resolved, in the one order that loses nothing: the oracle's number, then leadership confirmed
 * and what is committed applied, then the epoch, then what is in flight. Owned by the region's host; works on its mailbox.
 */
public final class Resolver {
  private final RegionHost host;
  private final ReplicatedLog<EntryResult> raft;
  private final RegionStore store;
  private final Consumer<Resolved> publish;
  private volatile Resolved newest = Resolved.NOTHING;
  /** A leader's promise of what is not all applied here yet. Written on the mailbox. */
  private volatile Resolved coming = Resolved.NOTHING;
  /** On the mailbox: whether a confirmation is under way, and the number that waits for the next. */
  private boolean confirming;

  private @Nullable OracleState waiting;

  /**
   * @param store the region as applied here
   * @param publish told of each promise; any thread
   */
  Resolver(
      RegionHost host,
      ReplicatedLog<EntryResult> raft,
      RegionStore store,
      Consumer<Resolved> publish) {
    this.host = host;
    this.raft = raft;
    this.store = store;
    this.publish = publish;
  }

  /**
   * The strongest promise so far of which all is applied here; bound to a shape of the region, which the caller compares. Any thread.
   */
  public Resolved newest() {
    return newest;
  }

  /** Any thread: an oracle number, asked for after whoever wants a promise came. Nothing comes of it on a replica that does not lead. */
  void advance(OracleState current) {
    Resolved known = newest;
    if (known.revision() >= current.revision()
        && known.epochVersion() == host.descriptor().epoch().version()) {
      // Nothing was handed out since: the promise stands, and nothing can be added to it.
      publish.accept(known);
    } else {
      host.post(() -> start(current));
    }
  }

  /** How far the region is resolved in its shape of now; 0 if nothing is promised. Any thread. */
  long resolved() {
    Resolved known = newest;
    return known.epochVersion() == host.descriptor().epoch().version() ? known.revision() : 0;
  }

  /** A promise that the region's leader made: it counts here once as much is applied as there. Any thread. */
  void told(Resolved promise) {
    host.post(() -> {
      coming = coming.or(promise);
      takeOver();
    });
  }

  /** On the apply stage, and now and then: as much may be applied now as was when the leader promised. */
  void onApplied() {
    if (isWaiting()) {
      host.post(this::takeOver);
    }
  }

  /** Lets the replicas on that store apply what the promises made here rest on. Any thread. */
  void tellCommitted(StoreId store) {
    raft.tellCommitted(store.value());
  }

  private boolean isWaiting() {
    return coming.revision() > 0;
  }

  /** On the mailbox. */
  private void takeOver() {
    Resolved promise = coming;
    if (promise.revision() > 0 && host.appliedIndex() >= promise.appliedIndex()) {
      coming = Resolved.NOTHING;
      newest = newest.or(promise);
      publish.accept(promise);
    }
  }

  private void start(OracleState current) {
    if (host.term() == 0) {
      return;
    }
    if (confirming) {
      waiting = current;
    } else {
      confirming = true;
      var unused =
          raft.readBarrier().whenComplete((point, failure) -> host.post(() -> end(current, point)));
    }
  }

  private void end(OracleState current, @Nullable ReadPoint point) {
    confirming = false;
    // The shape is looked at after the barrier: what was applied until then may have been a split,
    // or
    // the freezing before a merge, after which a region promises nothing any more.
    RegionStore.Shape now = store.shape();
    // Of that shape: after a cut the region has no locks any more on what was cut off. And before
    // the
    // position: what is released has been applied by then, and shown.
    long lowestCommit = now.locks().lowestCommit();
    if (point != null && point.term() == host.term() && !now.frozen()) {
      Resolved made = new Resolved(
          now.descriptor().epoch().version(),
          Resolved.decide(current.revision(), host.writes().lowestInFlight(), lowestCommit),
          store.appliedIndex(),
          host.appliedStamp());
      newest = newest.or(made);
      publish.accept(made);
    }
    OracleState next = waiting;
    waiting = null;
    if (next != null) {
      start(next);
    }
  }
}
