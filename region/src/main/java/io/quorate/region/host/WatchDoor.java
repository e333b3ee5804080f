package io.quorate.region.host;

import io.quorate.model.RegionError;
import io.quorate.region.watch.WatchHub;
import io.quorate.region.watch.WatchTicket;

/** Lets watchers in to one region or tells them where to go. Owned by the region's host; runs on its mailbox. */
final class WatchDoor {
  private final RegionHost host;
  private final WatchHub hub;
  private final Runnable wantResolved;

  /**
   * @param wantResolved asks for the region's promise to advance; any thread
   */
  WatchDoor(RegionHost host, WatchHub hub, Runnable wantResolved) {
    this.host = host;
    this.hub = hub;
    this.wantResolved = wantResolved;
  }

  /*
   * Leadership is not confirmed: what a deposed leader applies is committed all the same, and how far it is resolved it can
   * promise only after a confirmation.
   */
  void admit(WatchTicket ticket) {
    if (host.failure().isPresent()) {
      ticket.turnAway(new RegionError.Unavailable(
          "the replica has stopped: " + host.failure().get()));
    } else if (ticket.epochVersion() != host.descriptor().epoch().version()) {
      ticket.turnAway(host.errors().epochMismatch());
    } else if (host.term() == 0) {
      ticket.turnAway(host.errors().notLeader());
    } else if (!host.descriptor().range().contains(ticket.spec().range())) {
      ticket.turnAway(host.errors().outOfRange());
    } else if (!ticket.admit(hub, wantResolved)) {
      ticket.turnAway(host.errors().epochMismatch());
    }
  }

  /** Asks again for those who were not told; called every tick, any thread. */
  void tick() {
    if (hub.isAsked()) {
      wantResolved.run();
    }
  }
}
