package io.quorate.model;

import java.util.List;
import java.util.Optional;

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

  @Override
  public String toString() {
    return "region " + id + "@" + epoch + " " + range + " " + peers;
  }
}
