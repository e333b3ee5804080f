package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One plan in the making: a view whose sums already count what was planned from it, so that one round does not send everything
 * to the same store. Owned by one call of plan; not thread-safe.
 */
final class Draft {
  /** Replicas below this size count a fifth against store limits (pd, schedule/operator/influence.go). */
  private static final long SMALL_BYTES = 20L << 20;

  private static final double SMALL_COST = 0.2;

  private final ClusterView view;
  private final StoreView[] stores;
  private final List<Operator> planned = new ArrayList<>();
  private final Set<RegionId> taken = new HashSet<>();

  Draft(ClusterView view) {
    this.view = view;
    stores = view.storesCopy();
  }

  static double cost(HeardRegion region) {
    return region.approximateBytes() < SMALL_BYTES ? SMALL_COST : 1;
  }

  ClusterView view() {
    return view;
  }

  StoreView store(int index) {
    return stores[index];
  }

  StoreView[] stores() {
    return stores;
  }

  int storeCount() {
    return stores.length;
  }

  List<Operator> planned() {
    return planned;
  }

  void add(Operator operator) {
    planned.add(operator);
    taken.add(operator.id());
    influence(operator, operator.region(), /* admitted= */ false);
  }

  /** Why the region must be left alone for now; null if it need not. */
  @Nullable
  String busy(HeardRegion region) {
    RegionId id = region.descriptor().id();
    if (taken.contains(id)) {
      return "another operator was just planned for it";
    }
    if (view.busy().running().isEmpty() && view.busy().resting().isEmpty()) {
      return null;
    }
    Operator running = view.busy().running().get(id);
    return running != null
        ? "an operator is under way: " + running
        : view.busy().resting().get(id);
  }

  /** The store that leads the region and is up; -1 if there is none. */
  int leader(HeardRegion region) {
    Peer leader = region.leader().orElse(null);
    int store = leader == null ? -1 : view.indexOf(leader.store());
    return store >= 0 && stores[store].isUp() ? store : -1;
  }

  /** The stores of the region's replicas, by index; -1 for one that is not known. */
  int[] storesOf(HeardRegion region, @Nullable Peer without) {
    List<Peer> peers = region.descriptor().peers();
    int[] found = new int[without == null ? peers.size() : peers.size() - 1];
    int at = 0;
    for (int i = 0; i < peers.size(); i++) {
      if (!peers.get(i).equals(without)) {
        found[at++] = view.indexOf(peers.get(i).store());
      }
    }
    return found;
  }

  /** Whether the region has all it should, so that it may be moved for balance. */
  boolean isWhole(HeardRegion region, Limits limits) {
    List<Peer> peers = region.descriptor().peers();
    if (peers.size() != limits.count(Setting.MAX_REPLICAS) || !region.health().isWhole()) {
      // Where there are fewer stores than replicas wanted, the regions that there are may still
      // move.
      return region.health().isWhole() && peers.size() == servingStores(limits);
    }
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).role() != PeerRole.VOTER) {
        return false;
      }
    }
    return true;
  }

  private int servingStores(Limits limits) {
    int serving = 0;
    for (StoreView store : stores) {
      serving += store.isMeantToServe() ? 1 : 0;
    }
    return Math.min(serving, limits.count(Setting.MAX_REPLICAS));
  }

  /**
   * Counts what the steps that are not done yet will bring about.
   *
   * @param admitted the store limits were charged already
   */
  void influence(Operator operator, HeardRegion now, boolean admitted) {
    long size = ClusterView.size(now);
    double cost = admitted ? 0 : cost(now);
    for (Step step : operator.steps()) {
      if (step instanceof Step.AddLearner add) {
        if (now.descriptor().peerOn(add.store()).isEmpty()) {
          change(
              add.store(),
              cost,
              0,
              tally -> tally.moreReplicas(1, size, now.load().writtenBytes()).oneMoreSnapshot());
          now.leader()
              .ifPresent(leader -> change(leader.store(), 0, 0, StoreView.Tally::oneMoreSnapshot));
        } else if (!step.isDone(now)) {
          change(add.store(), 0, 0, StoreView.Tally::oneMoreSnapshot);
        }
      } else if (step instanceof Step.Remove remove && !step.isDone(now)) {
        change(
            remove.peer().store(),
            0,
            cost,
            tally -> tally.moreReplicas(-1, -size, -now.load().writtenBytes()));
      } else if (step instanceof Step.TransferLeader transfer && !step.isDone(now)) {
        change(transfer.from(), 0, 0, tally -> tally.moreLeaders(-1, -now.load().bytes()));
        change(transfer.to(), 0, 0, tally -> tally.moreLeaders(1, now.load().bytes()));
      }
    }
  }

  private void change(
      StoreId id,
      double added,
      double removed,
      java.util.function.UnaryOperator<StoreView.Tally> tally) {
    int index = view.indexOf(id);
    if (index >= 0) {
      StoreView store = stores[index];
      stores[index] = store.with(store.quota().less(added, removed), tally.apply(store.tally()));
    }
  }
}
