package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionError;
import io.quorate.raft.LogException;
import io.quorate.region.storage.RegionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Words for what one region's replica cannot do now. Thread: any. */
final class Errors {
  /** Enough for a queue to move on, little beside an election. */
  private static final int RETRY_AFTER_MILLIS = 10;

  /** Regions cut off from this one that are remembered for those who come too late. */
  private static final int MAX_CHILDREN = 32;

  private final Supplier<RegionStore.Shape> shape;
  private final Supplier<Optional<Peer>> leader;

  /** Most recently cut off, newest first; as of then. */
  private volatile List<RegionDescriptor> children = List.of();

  /** What this region is part of; null while it is one. */
  private volatile @Nullable RegionDescriptor whole;

  Errors(Supplier<RegionStore.Shape> shape, Supplier<Optional<Peer>> leader) {
    this.shape = shape;
    this.leader = leader;
  }

  /** Whoever comes for keys that went to these is told so. */
  void cutOff(List<RegionDescriptor> regions) {
    children =
        Stream.concat(regions.stream(), children.stream()).limit(MAX_CHILDREN).toList();
  }

  /** Those regions, newest first. */
  List<RegionDescriptor> cutOff() {
    return children;
  }

  /** Ranges that were cut off once are this region's again: nobody is sent there any more. */
  void joined(KeyRange range) {
    children = children.stream().filter(child -> !child.range().overlaps(range)).toList();
  }

  /** The region is no more: whoever comes is told what it is part of. */
  void ended(RegionDescriptor partOf) {
    whole = partOf;
  }

  RegionError notLeader() {
    Optional<Peer> hint = leader.get();
    return new RegionError.NotLeader(
        shape.get().descriptor().id(),
        hint,
        hint.map(peer -> "this replica does not lead; " + peer + " may")
            .orElse("this replica does not lead and knows no leader"));
  }

  RegionError busy(String why) {
    return new RegionError.ServerBusy(RETRY_AFTER_MILLIS, why);
  }

  RegionError noOracle(String why) {
    return new RegionError.Unavailable("no revision from the placement driver: " + why);
  }

  RegionError unavailable(String why) {
    return new RegionError.Unavailable(why);
  }

  /** For a request that is not this region's, or not now: it certainly was not done. */
  RegionError epochMismatch() {
    RegionDescriptor partOf = whole;
    if (partOf != null) {
      return new RegionError.EpochMismatch(
          List.of(partOf), "the region is part of " + partOf.id() + " now");
    }
    RegionStore.Shape here = shape.get();
    if (here.frozen()) {
      return busy("the region is being merged into its left neighbour");
    }
    RegionDescriptor now = here.descriptor();
    List<RegionDescriptor> all = new ArrayList<>(children);
    all.add(now);
    return new RegionError.EpochMismatch(all, "the region is now at epoch " + now.epoch());
  }

  RegionError outOfRange() {
    RegionDescriptor now = shape.get().descriptor();
    KeyRange range = now.range();
    return new RegionError.KeyOutOfRange(now, "the region holds " + range + " only");
  }

  /** What a failure of the log means to a request; an unknown outcome matters only to one that may write. */
  RegionError of(LogException.Kind kind, String why, boolean write) {
    return switch (kind) {
      case NOT_LEADER, STALE_TERM -> notLeader();
      case BUSY -> busy(why);
      case REFUSED -> unavailable(why);
      case INDETERMINATE -> write ? new RegionError.Indeterminate(why) : unavailable(why);
    };
  }
}
