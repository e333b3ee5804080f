package io.quorate.placement.schedule;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Operators that a person orders, checked against what is known. Pure. */
public final class ByHand {
  private static final String BY = "operator";

  private ByHand() {}

  /** One of the two is present. */
  public record Order(Optional<Operator> operator, Optional<String> refusal) {
    public static Order refused(String why) {
      return new Order(Optional.empty(), Optional.of(why));
    }

    private static Order of(HeardRegion region, List<Step> steps) {
      return new Order(
          Optional.of(new Operator(BY, Operator.Kind.ADMIN, region, steps, "ordered by hand")),
          Optional.empty());
    }
  }

  /**
   * Cuts the region at the keys.
   *
   * @param keys ascending, each inside the region; none: the middle of its data
   */
  public static Order split(HeardRegion region, List<Bytes> keys) {
    if (region.leader().isEmpty()) {
      return leaderless(region);
    }
    for (Bytes key : keys) {
      if (!region.descriptor().range().contains(key)
          || key.equals(region.descriptor().range().start())) {
        return Order.refused("key '" + key + "' does not lie inside region "
            + region.descriptor().id() + ", or it starts there already");
      }
    }
    return Order.of(region, List.of(new Step.Split(keys, region.descriptor().epoch())));
  }

  /**
   * The two neighbours that are meant by the id of one or of both.
   *
   * @param left 0: the left neighbour of the right one
   * @param right 0: the right neighbour of the left one
   * @return left and right; empty if there are no such two
   */
  public static Optional<List<HeardRegion>> neighbours(ClusterView view, long left, long right) {
    for (int i = 0; i + 1 < view.regionCount(); i++) {
      HeardRegion one = view.region(i);
      HeardRegion other = view.region(i + 1);
      if ((left == 0 || one.descriptor().id().value() == left)
          && (right == 0 || other.descriptor().id().value() == right)
          && left + right != 0) {
        return Optional.of(List.of(one, other));
      }
    }
    return Optional.empty();
  }

  /** The left one takes in the right one; before that its replicas go to the stores of the right one, where they differ. */
  public static Order merge(ClusterView view, Limits limits, HeardRegion left, HeardRegion right) {
    if (left.leader().isEmpty() || right.leader().isEmpty()) {
      return leaderless(left.leader().isEmpty() ? left : right);
    }
    if (!left.descriptor().range().end().equals(right.descriptor().range().start())) {
      return Order.refused("regions " + left.descriptor().id() + " and "
          + right.descriptor().id() + " are no neighbours");
    }
    for (HeardRegion one : List.of(left, right)) {
      if (one.descriptor().peers().stream().anyMatch(peer -> peer.role() != PeerRole.VOTER)) {
        return Order.refused("region " + one.descriptor().id()
            + " has a learner that is to be promoted or removed first: "
            + one.descriptor().peers());
      }
    }
    List<Step> steps = new ArrayList<>();
    if (!stores(left).equals(stores(right))) {
      steps.addAll(MergeChecker.align(new Draft(view), limits, left, right));
      if (steps.isEmpty()) {
        return Order.refused("region " + left.descriptor().id() + " is on stores " + stores(left)
            + ", region " + right.descriptor().id() + " on " + stores(right)
            + ", and one of those takes no replicas now");
      }
    }
    steps.add(new Step.Merge(right.descriptor()));
    return Order.of(left, steps);
  }

  private static Set<StoreId> stores(HeardRegion region) {
    return region.descriptor().peers().stream()
        .map(Peer::store)
        .collect(Collectors.toCollection(HashSet::new));
  }

  /** The replica on the store shall lead. */
  public static Order transfer(HeardRegion region, StoreId to) {
    Optional<Peer> leader = region.leader();
    if (leader.isEmpty()) {
      return leaderless(region);
    }
    Optional<Peer> heir = region.descriptor().peerOn(to);
    if (heir.isEmpty() || heir.get().role() != PeerRole.VOTER) {
      return Order.refused("region " + region.descriptor().id() + " has no voter on store " + to
          + ": " + region.descriptor().peers());
    }
    if (leader.get().store().equals(to)) {
      return Order.refused(
          "store " + to + " leads region " + region.descriptor().id() + " already");
    }
    return Order.of(region, List.of(new Step.TransferLeader(leader.get().store(), to)));
  }

  /** The replica on the one store goes to the other. */
  public static Order move(ClusterView view, HeardRegion region, StoreId from, StoreId to) {
    Optional<Peer> old = region.descriptor().peerOn(from);
    if (region.leader().isEmpty()) {
      return leaderless(region);
    }
    if (old.isEmpty()) {
      return Order.refused("region " + region.descriptor().id() + " has no replica on store " + from
          + ": " + region.descriptor().peers());
    }
    Optional<StoreView> target = view.store(to);
    if (target.isEmpty()
        || !target.get().isUp()
        || region.descriptor().peerOn(to).isPresent()) {
      return Order.refused("store " + to + " is not up, or holds a replica of region "
          + region.descriptor().id() + " already");
    }
    return Order.of(region, Moves.replace(new Draft(view), region, old.get(), to));
  }

  private static Order leaderless(HeardRegion region) {
    return Order.refused("no leader of region " + region.descriptor().id() + " was heard");
  }
}
