package io.quorate.placement.schedule;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.proto.RegionOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** One change to one region, made by one order and seen done in its leader's heartbeat alone. */
public sealed interface Step {
  /** Whether the region, as heard, shows it done. */
  boolean isDone(HeardRegion region);

  /** The order for the leader's store; empty where the region is not in the shape for it. */
  Optional<RegionOrder> order(HeardRegion region);

  /** The members once it is done. */
  default List<Peer> after(List<Peer> before) {
    return before;
  }

  /** Data must travel for it. */
  default boolean isSlow() {
    return false;
  }

  /**
   * A replica that does not vote; done when it has caught up.
   *
   * @param replica 0 until the operator is admitted
   */
  record AddLearner(StoreId store, long replica) implements Step {
    private Peer peer() {
      return new Peer(store, replica, PeerRole.LEARNER);
    }

    @Override
    public boolean isDone(HeardRegion region) {
      return region.descriptor().peers().stream().anyMatch(peer -> peer.replica() == replica)
          && !region.health().pending().contains(replica)
          && !region.health().downSince().containsKey(replica);
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      return Optional.of(change(region, RegionOrder.ChangePeer.Change.ADD_LEARNER, peer()));
    }

    @Override
    public List<Peer> after(List<Peer> before) {
      List<Peer> after = new ArrayList<>(before);
      after.add(peer());
      return after;
    }

    @Override
    public boolean isSlow() {
      return true;
    }

    @Override
    public String toString() {
      return "add learner on s" + store + (replica == 0 ? "" : " as r" + replica);
    }
  }

  /** The learner on the store becomes a voter. */
  record Promote(StoreId store) implements Step {
    @Override
    public boolean isDone(HeardRegion region) {
      return region
          .descriptor()
          .peerOn(store)
          .filter(peer -> peer.role() == PeerRole.VOTER)
          .isPresent();
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      return region
          .descriptor()
          .peerOn(store)
          .map(peer -> change(
              region,
              RegionOrder.ChangePeer.Change.PROMOTE,
              new Peer(store, peer.replica(), PeerRole.VOTER)));
    }

    @Override
    public List<Peer> after(List<Peer> before) {
      return before.stream()
          .map(peer ->
              peer.store().equals(store) ? new Peer(store, peer.replica(), PeerRole.VOTER) : peer)
          .toList();
    }

    @Override
    public String toString() {
      return "promote s" + store;
    }
  }

  /** The leadership leaves one store for another; done also when it left for a third. */
  record TransferLeader(StoreId from, StoreId to) implements Step {
    @Override
    public boolean isDone(HeardRegion region) {
      return region.leader().filter(leader -> !leader.store().equals(from)).isPresent();
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      return region.descriptor().peerOn(to).map(peer -> transfer(region, peer));
    }

    @Override
    public String toString() {
      return "transfer leader s" + from + " to s" + to;
    }
  }

  /** A replica leaves. If it has come to lead, it must hand over first. */
  record Remove(Peer peer) implements Step {
    @Override
    public boolean isDone(HeardRegion region) {
      return region.descriptor().peers().stream()
          .noneMatch(member -> member.replica() == peer.replica());
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      boolean leads =
          region.leader().filter(leader -> leader.replica() == peer.replica()).isPresent();
      if (!leads) {
        return Optional.of(change(region, RegionOrder.ChangePeer.Change.REMOVE, peer));
      }
      return region.descriptor().peers().stream()
          .filter(other -> other.replica() != peer.replica() && other.role() == PeerRole.VOTER)
          .filter(other -> !region.health().downSince().containsKey(other.replica())
              && !region.health().pending().contains(other.replica()))
          .findFirst()
          .map(other -> transfer(region, other));
    }

    @Override
    public List<Peer> after(List<Peer> before) {
      return before.stream()
          .filter(member -> member.replica() != peer.replica())
          .toList();
    }

    @Override
    public String toString() {
      return "remove " + peer;
    }
  }

  /** The region is cut at the keys, or in its middle where none is given. */
  record Split(List<Bytes> keys, RegionEpoch before) implements Step {
    public Split {
      keys = List.copyOf(keys);
    }

    @Override
    public boolean isDone(HeardRegion region) {
      return region.descriptor().epoch().version() > before.version();
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      RegionOrder.SplitRegion.Builder split = RegionOrder.SplitRegion.newBuilder()
          .setRegionId(region.descriptor().id().value())
          .setEpoch(Wire.epoch(region.descriptor().epoch()));
      keys.forEach(key -> split.addKeys(key.toByteString()));
      return Optional.of(RegionOrder.newBuilder().setSplit(split).build());
    }

    @Override
    public String toString() {
      return keys.isEmpty() ? "split in the middle" : "split at " + keys;
    }
  }

  /** The region takes in its right neighbour. */
  record Merge(RegionDescriptor right) implements Step {
    @Override
    public boolean isDone(HeardRegion region) {
      return region.descriptor().range().contains(right.range());
    }

    @Override
    public Optional<RegionOrder> order(HeardRegion region) {
      return Optional.of(RegionOrder.newBuilder()
          .setMerge(RegionOrder.MergeRegions.newBuilder()
              .setRegionId(region.descriptor().id().value())
              .setEpoch(Wire.epoch(region.descriptor().epoch()))
              .setRight(Wire.region(right)))
          .build());
    }

    @Override
    public boolean isSlow() {
      return true;
    }

    /** Why it is in vain, if it is: the left one's store would refuse it for ever, and nobody else may touch the two meanwhile. */
    Optional<String> vain(HeardRegion left, Function<RegionId, Optional<HeardRegion>> regions) {
      if (isDone(left)) {
        return Optional.empty();
      }
      Optional<HeardRegion> now = regions.apply(right.id());
      if (now.isEmpty() || !now.get().descriptor().epoch().equals(right.epoch())) {
        return Optional.of("region " + right.id() + " is not what it was");
      }
      return left.descriptor().isAlignedWith(right)
          ? Optional.empty()
          : Optional.of("region " + right.id()
              + " has not its voters, and nothing but voters, on the stores of region "
              + left.descriptor().id());
    }

    @Override
    public String toString() {
      return "merge region " + right.id() + " in";
    }
  }

  private static RegionOrder change(
      HeardRegion region, RegionOrder.ChangePeer.Change change, Peer peer) {
    return RegionOrder.newBuilder()
        .setChangePeer(RegionOrder.ChangePeer.newBuilder()
            .setRegionId(region.descriptor().id().value())
            .setEpoch(Wire.epoch(region.descriptor().epoch()))
            .setChange(change)
            .setPeer(Wire.peer(peer)))
        .build();
  }

  private static RegionOrder transfer(HeardRegion region, Peer to) {
    return RegionOrder.newBuilder()
        .setTransferLeader(RegionOrder.TransferLeader.newBuilder()
            .setRegionId(region.descriptor().id().value())
            .setEpoch(Wire.epoch(region.descriptor().epoch()))
            .setTo(Wire.peer(to)))
        .build();
  }
}
