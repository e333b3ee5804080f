package io.quorate.model;

/**
 * One replica of a region. Its identity is the store and the replica id, never an address.
 *
 * @param store where it lives
 * @param replica issued by PD, from 1 to 2^31-1, never used twice in a cluster
 * @param role voter or learner
 */
public record Peer(StoreId store, long replica, PeerRole role) {
  public static Peer voter(long store, long replica) {
    return new Peer(new StoreId(store), replica, PeerRole.VOTER);
  }

  @Override
  public String toString() {
    return "s" + store + "/r" + replica + (role == PeerRole.LEARNER ? "(learner)" : "");
  }
}
