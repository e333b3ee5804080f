package io.quorate.client.route;

import io.quorate.client.placement.Located;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.RegionEpoch;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A region and the replica that is believed to lead it.
 *
 * @param region as last heard
 * @param leader null while unknown
 * @param term of the newest leader PD told of; 0 if none
 * @param wireEpoch the epoch as requests carry it
 */
public record Route(
    RegionDescriptor region, @Nullable Peer leader, long term, RegionEpoch wireEpoch) {
  public static Route of(RegionDescriptor region, @Nullable Peer leader, long term) {
    return new Route(region, leader, term, Wire.epoch(region.epoch()));
  }

  public static Route of(Located located) {
    return of(located.region(), located.leader().orElse(null), located.term());
  }

  Route withLeader(@Nullable Peer peer, long atTerm) {
    return new Route(region, peer, atTerm, wireEpoch);
  }

  /** The store's replica, if it has a vote. */
  public Optional<Peer> voterOn(long store) {
    return region.peers().stream()
        .filter(peer -> peer.role() == PeerRole.VOTER && peer.store().value() == store)
        .findFirst();
  }

  /** Any replica that has a vote, the leader as likely as each other. */
  public Peer anyPeer(RandomGenerator random) {
    List<Peer> voters =
        region.peers().stream().filter(peer -> peer.role() == PeerRole.VOTER).toList();
    if (voters.isEmpty()) {
      throw new IllegalStateException(region + " has no voter");
    }
    return voters.get(random.nextInt(voters.size()));
  }

  /**
   * The replica to ask.
   *
   * @param failures attempts that failed so far: without a leader to believe in, they choose
   */
  public Peer peerToAsk(int failures) {
    Peer known = leader;
    if (known != null) {
      return known;
    }
    List<Peer> peers = region.peers();
    for (int i = 0; i < peers.size(); i++) {
      Peer peer = peers.get((failures + i) % peers.size());
      if (peer.role() == PeerRole.VOTER) {
        return peer;
      }
    }
    throw new IllegalStateException(region + " has no voter");
  }
}
