package io.quorate.region.storage;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Brings a descriptor's peers in line with the log's membership, alike on every replica. Stateless. */
final class PeerList {
  private PeerList() {}

  /** The peers that stay, in their order, then the new ones by replica id. */
  static List<Peer> follow(List<Peer> before, Membership now) {
    List<Peer> members = new ArrayList<>();
    now.voters().forEach(replica -> members.add(peer(replica, PeerRole.VOTER)));
    now.learners().forEach(replica -> members.add(peer(replica, PeerRole.LEARNER)));
    members.sort(Comparator.comparingLong(Peer::replica));
    List<Peer> after = new ArrayList<>();
    for (Peer old : before) {
      members.stream().filter(peer -> peer.replica() == old.replica()).forEach(after::add);
    }
    members.stream()
        .filter(peer -> before.stream().noneMatch(old -> old.replica() == peer.replica()))
        .forEach(after::add);
    return after;
  }

  private static Peer peer(ReplicaId replica, PeerRole role) {
    return new Peer(new StoreId(replica.store()), replica.replica(), role);
  }
}
