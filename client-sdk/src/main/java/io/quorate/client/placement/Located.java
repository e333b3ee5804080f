package io.quorate.client.placement;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.LocatedRegion;
import io.quorate.proto.RegionCheck;
import java.util.List;
import java.util.Optional;

/**
 * A region as PD last heard of it.
 *
 * @param region its descriptor
 * @param leader the replica that last said to lead it
 * @param term that leader's term; 0 if no leader is known
 * @param approximateBytes its size
 * @param approximateKeys its keys
 * @param down ids of replicas that do not answer their leader
 * @param pending ids of replicas that lag far behind, or that have no data yet
 * @param check what its replicas came to when they were last compared, as far as its leader knows
 */
public record Located(
    RegionDescriptor region,
    Optional<Peer> leader,
    long term,
    long approximateBytes,
    long approximateKeys,
    List<Long> down,
    List<Long> pending,
    Optional<RegionCheck> check) {
  public static Located of(LocatedRegion message) {
    return new Located(
        Wire.region(message.getRegion()),
        message.hasLeader() && message.getLeader().getReplicaId() != 0
            ? Optional.of(Wire.peer(message.getLeader()))
            : Optional.empty(),
        message.getTerm(),
        message.getApproximateBytes(),
        message.getApproximateKeys(),
        message.getDownReplicasList(),
        message.getPendingReplicasList(),
        message.hasCheck() ? Optional.of(message.getCheck()) : Optional.empty());
  }
}
