package io.quorate.placement.registry;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.LocatedRegion;
import io.quorate.proto.RegionBeat;
import java.util.Optional;

/**
 * A region as its leader last told, or as the log knows it while no leader has.
 *
 * @param descriptor its shape
 * @param leader empty if none is known
 * @param term of that leader; 0 if none is known
 * @param approximateBytes size of its newest data
 * @param approximateKeys number of its keys
 */
public record HeardRegion(
    RegionDescriptor descriptor,
    Optional<Peer> leader,
    long term,
    long approximateBytes,
    long approximateKeys) {
  /** Known from the log alone. */
  public static HeardRegion silent(RegionDescriptor descriptor) {
    return new HeardRegion(descriptor, Optional.empty(), 0, 0, 0);
  }

  public static HeardRegion of(RegionBeat beat) {
    return new HeardRegion(
        Wire.region(beat.getRegion()),
        beat.hasLeader() ? Optional.of(Wire.peer(beat.getLeader())) : Optional.empty(),
        beat.getTerm(),
        beat.getApproximateBytes(),
        beat.getApproximateKeys());
  }

  public LocatedRegion toWire() {
    LocatedRegion.Builder located = LocatedRegion.newBuilder()
        .setRegion(Wire.region(descriptor))
        .setTerm(term)
        .setApproximateBytes(approximateBytes)
        .setApproximateKeys(approximateKeys);
    leader.ifPresent(peer -> located.setLeader(Wire.peer(peer)));
    return located.build();
  }
}
