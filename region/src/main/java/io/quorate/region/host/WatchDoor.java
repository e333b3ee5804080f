package io.quorate.region.host;

import io.quorate.model.RegionError;
import io.quorate.raft.ReplicatedLog;
import io.quorate.region.watch.WatchHub;
import io.quorate.region.watch.WatchTicket;
import java.util.function.Predicate;

/** Lets watchers in to one region or tells them where to go. Owned by the region's host; runs on its mailbox. */
final class WatchDoor {
  private final RegionHost host;
  private final WatchHub hub;
  private final Resolver resolver;
  private final Runnable wantResolved;

  WatchDoor(
      RegionHost host,
      ReplicatedLog<EntryResult> raft,
      RegionStateMachine machine,
      ResolvedLoop resolved) {
    this.host = host;
    this.hub = machine.watchers();
    this.resolver = new Resolver(host, raft, machine.store(), promise -> {
      hub.resolved(promise);
      resolved.made(host, promise);
    });
    this.wantResolved = () -> resolved.want(host);
  }

  Resolver resolver() {
    return resolver;
  }

  /**
   * Brings a watcher to the mailbox; any thread.
   *
   * @param mailbox false if it takes nothing now
   */
  void come(WatchTicket ticket, Predicate<Runnable> mailbox) {
    if (!mailbox.test(() -> admit(ticket))) {
      ticket.turnAway(host.errors().busy("the region's mailbox is full, or closed"));
    }
  }

  /*
   * Leadership is not confirmed: what a deposed leader applies is committed all the same, and how far it is resolved it can
   * promise only after a confirmation. Who is content with any replica hears of the same commits a little later, and of what the
   * leader promised once as much is applied here.
   */
  private void admit(WatchTicket ticket) {
    if (host.failure().isPresent()) {
      ticket.turnAway(new RegionError.Unavailable(
          "the replica has stopped: " + host.failure().get()));
    } else if (ticket.epochVersion() != host.descriptor().epoch().version()) {
      ticket.turnAway(host.errors().epochMismatch());
    } else if (host.term() == 0 && !ticket.spec().anyReplica()) {
      ticket.turnAway(host.errors().notLeader());
    } else if (!host.descriptor().range().contains(ticket.spec().range())) {
      ticket.turnAway(host.errors().outOfRange());
    } else if (!ticket.admit(hub, wantResolved)) {
      ticket.turnAway(host.errors().epochMismatch());
    }
  }

  /** Asks again for those who were not told, and takes in what a leader has promised; called every tick, any thread. */
  void tick() {
    resolver.onApplied();
    if (hub.isAsked()) {
      wantResolved.run();
    }
  }

  /** Those who want the leader go to it; where nobody is served any more, all go. */
  void onLeadershipLost(boolean servesNobody) {
    hub.end(host.errors().notLeader(), servesNobody);
  }
}
