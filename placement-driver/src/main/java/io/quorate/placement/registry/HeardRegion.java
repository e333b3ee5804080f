package io.quorate.placement.registry;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.LocatedRegion;
import io.quorate.proto.RegionBeat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A region as its leader last told, or as the log knows it while no leader has.
 *
 * @param descriptor its shape
 * @param leader empty if none is known
 * @param term of that leader; 0 if none is known
 * @param approximateBytes size of its newest data
 * @param approximateKeys number of its keys
 * @param health how its replicas fare
 * @param load what its leader does
 */
public record HeardRegion(
    RegionDescriptor descriptor,
    Optional<Peer> leader,
    long term,
    long approximateBytes,
    long approximateKeys,
    RegionHealth health,
    RegionLoad load) {
  /** Of a region without trouble or traffic. */
  public HeardRegion(
      RegionDescriptor descriptor,
      Optional<Peer> leader,
      long term,
      long approximateBytes,
      long approximateKeys) {
    this(
        descriptor,
        leader,
        term,
        approximateBytes,
        approximateKeys,
        RegionHealth.FINE,
        RegionLoad.NONE);
  }

  /** Known from the log alone. */
  public static HeardRegion silent(RegionDescriptor descriptor, long nowNanos) {
    return new HeardRegion(
        descriptor,
        Optional.empty(),
        0,
        0,
        0,
        new RegionHealth(Map.of(), Set.of(), nowNanos),
        RegionLoad.NONE);
  }

  /**
   * As its leader told.
   *
   * @param before what was known of the region
   */
  public static HeardRegion of(RegionBeat beat, @Nullable HeardRegion before, long nowNanos) {
    return new HeardRegion(
        Wire.region(beat.getRegion()),
        beat.hasLeader() ? Optional.of(Wire.peer(beat.getLeader())) : Optional.empty(),
        beat.getTerm(),
        beat.getApproximateBytes(),
        beat.getApproximateKeys(),
        RegionHealth.of(beat, before, nowNanos),
        RegionLoad.of(beat, before));
  }

  public LocatedRegion toWire() {
    LocatedRegion.Builder located = LocatedRegion.newBuilder()
        .setRegion(Wire.region(descriptor))
        .setTerm(term)
        .setApproximateBytes(approximateBytes)
        .setApproximateKeys(approximateKeys)
        .addAllDownReplicas(health.downSince().keySet())
        .addAllPendingReplicas(health.pending());
    health.check().ifPresent(located::setCheck);
    leader.ifPresent(peer -> located.setLeader(Wire.peer(peer)));
    return located.build();
  }
}
