package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SnapshotRecord;
import java.util.List;
import java.util.Optional;

/** Translates snapshot records to jraft's and back. */
final class SnapshotMetas {
  private SnapshotMetas() {}

  static SnapshotMeta toMeta(SnapshotRecord snapshot, PeerIds peers) {
    SnapshotMeta.Builder meta = SnapshotMeta.newBuilder()
        .setLastIncludedIndex(snapshot.index())
        .setLastIncludedTerm(snapshot.term())
        .addAllPeers(names(snapshot.membership().voters(), peers))
        .addAllLearners(names(snapshot.membership().learners(), peers));
    snapshot
        .previous()
        .ifPresent(previous -> meta.addAllOldPeers(names(previous.voters(), peers))
            .addAllOldLearners(names(previous.learners(), peers)));
    return meta.build();
  }

  static SnapshotRecord toRecord(SnapshotMeta meta, PeerIds peers) {
    Optional<Membership> previous = meta.getOldPeersCount() == 0
        ? Optional.empty()
        : Optional.of(new Membership(
            replicas(meta.getOldPeersList(), peers), replicas(meta.getOldLearnersList(), peers)));
    return new SnapshotRecord(
        meta.getLastIncludedIndex(),
        meta.getLastIncludedTerm(),
        new Membership(
            replicas(meta.getPeersList(), peers), replicas(meta.getLearnersList(), peers)),
        previous);
  }

  private static List<String> names(List<ReplicaId> replicas, PeerIds peers) {
    return replicas.stream().map(replica -> peers.toPeer(replica).toString()).toList();
  }

  private static List<ReplicaId> replicas(List<String> names, PeerIds peers) {
    return names.stream().map(name -> peers.toReplica(parse(name))).toList();
  }

  private static PeerId parse(String name) {
    PeerId peer = PeerId.parsePeer(name);
    if (peer == null) {
      throw new IllegalStateException("snapshot names a peer that cannot be read: " + name);
    }
    return peer;
  }
}
