package io.quorate.raft.storage;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.Endpoint;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Translates our names of replicas to jraft's and back. To jraft a store is a host of a logical name that has the cluster in
 * it, because its registry of nodes is one per process and embedded clusters must not meet; the replica is the peer's index.
 */
public final class PeerIds {
  /** No real port: the name is never resolved as an address. */
  private static final int PORT = 1;

  private final String hostPrefix;

  public PeerIds(long clusterId) {
    this.hostPrefix = "c" + Long.toHexString(clusterId) + "-s";
  }

  public Endpoint endpoint(long store) {
    return new Endpoint(hostPrefix + store, PORT);
  }

  /** The store an endpoint of this cluster names. */
  public long store(Endpoint endpoint) {
    String host = endpoint.getIp();
    if (!host.startsWith(hostPrefix) || endpoint.getPort() != PORT) {
      throw new IllegalStateException(
          "not a store of this cluster: " + endpoint + ", expected " + hostPrefix + "<id>:" + PORT);
    }
    return Long.parseLong(host, hostPrefix.length(), host.length(), 10);
  }

  public PeerId toPeer(ReplicaId replica) {
    return new PeerId(endpoint(replica.store()), Math.toIntExact(replica.replica()));
  }

  public ReplicaId toReplica(PeerId peer) {
    return new ReplicaId(store(peer.getEndpoint()), peer.getIdx());
  }

  public Configuration toConfiguration(Membership membership) {
    return new Configuration(toPeers(membership.voters()), toPeers(membership.learners()));
  }

  public Membership toMembership(Configuration configuration) {
    return toMembership(configuration.getPeers(), configuration.getLearners());
  }

  public Membership toMembership(Collection<PeerId> voters, @Nullable Collection<PeerId> learners) {
    return new Membership(toReplicas(voters), learners == null ? List.of() : toReplicas(learners));
  }

  public List<PeerId> toPeers(Collection<ReplicaId> replicas) {
    return replicas.stream().map(this::toPeer).toList();
  }

  public List<ReplicaId> toReplicas(Collection<PeerId> peers) {
    return peers.stream().map(this::toReplica).toList();
  }
}
