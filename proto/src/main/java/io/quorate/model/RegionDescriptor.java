package io.quorate.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a region is at one epoch: its range and its replicas.
 *
 * @param id for ever
 * @param range the user keys it owns
 * @param epoch which shape this is
 * @param peers its replicas, each on another store
 */
public record RegionDescriptor(RegionId id, KeyRange range, RegionEpoch epoch, List<Peer> peers) {
  public RegionDescriptor {
    peers = List.copyOf(peers);
  }

  public Optional<Peer> peerOn(StoreId store) {
    return peers.stream().filter(peer -> peer.store().equals(store)).findFirst();
  }

  /** Whether voters, and nobody else, stand on the same stores: two regions that may be merged. */
  public boolean isAlignedWith(RegionDescriptor other) {
    return stores().equals(other.stores())
        && peers.stream().allMatch(peer -> peer.role() == PeerRole.VOTER)
        && other.peers.stream().allMatch(peer -> peer.role() == PeerRole.VOTER);
  }

  private Set<StoreId> stores() {
    return peers.stream().map(Peer::store).collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return "region " + id + "@" + epoch + " " + range + " " + peers;
  }
}
