package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.placement.registry.HeardRegion;
import java.util.List;

/**
 * Evens out the number of leaders: away from the store with the most, to the one with the fewest. A difference of two or less
 * is left alone, so that a store's restart does not set leaders wandering (pd, schedulers/balance_leader.go).
 */
public final class BalanceLeaders implements Scheduler {
  public static final String NAME = "balance-leader-scheduler";

  /** Regions of one store that are looked at for one transfer. */
  private static final int TRIES = 256;

  private static final double TOLERANT_SHARE = 0.005;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    Draft draft = new Draft(view);
    int room = limits.count(Setting.LEADER_SCHEDULE_LIMIT) - view.running(Operator.Kind.LEADER);
    double tolerance = tolerance(draft);
    boolean[] done = new boolean[view.storeCount()];
    while (draft.planned().size() < room) {
      int most = extreme(draft, done, /* most= */ true);
      int fewest = extreme(draft, done, /* most= */ false);
      if (most < 0
          || fewest < 0
          || draft.store(most).tally().leaders() - draft.store(fewest).tally().leaders()
              <= tolerance) {
        break;
      }
      if (!planFrom(draft, limits, tolerance, view.led(most))
          && !planFrom(draft, limits, tolerance, view.held(fewest))) {
        done[most] = true;
        done[fewest] = true;
      }
    }
    return draft.planned();
  }

  private static boolean planFrom(Draft draft, Limits limits, double tolerance, int[] regions) {
    int from = regions.length == 0 ? 0 : (int) (draft.view().round() * 17 % regions.length);
    HeardRegion best = null;
    int bestGain = 0;
    for (int i = 0; i < Math.min(TRIES, regions.length); i++) {
      HeardRegion region = draft.view().region(regions[(from + i) % regions.length]);
      int gain = gain(draft, limits, region);
      if (gain > tolerance && gain > bestGain) {
        best = region;
        bestGain = gain;
      }
    }
    if (best == null || !(transfer(draft, tolerance, best) instanceof Finding.Planned planned)) {
      return false;
    }
    draft.add(planned.operator());
    return true;
  }

  /** How many leaders more the leader's store has than the best follower's; 0 if the region must stay. */
  private static int gain(Draft draft, Limits limits, HeardRegion region) {
    int leader = draft.leader(region);
    if (leader < 0 || draft.busy(region) != null || HotRegions.isHot(region, limits)) {
      return 0;
    }
    int follower = Moves.follower(draft, region, any -> true);
    return follower < 0
        ? 0
        : draft.store(leader).tally().leaders() - draft.store(follower).tally().leaders();
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    Draft draft = new Draft(view);
    String busy = draft.busy(region);
    if (busy != null) {
      return Finding.nothing(busy);
    }
    return HotRegions.isHot(region, limits)
        ? Finding.nothing("it is hot: only the hot region scheduler moves its leader")
        : transfer(draft, tolerance(draft), region);
  }

  private static Finding transfer(Draft draft, double tolerance, HeardRegion region) {
    int leader = draft.leader(region);
    Peer from = region.leader().orElse(null);
    if (leader < 0 || from == null) {
      return Finding.nothing("no leader of it was heard that is up");
    }
    int follower = Moves.follower(draft, region, any -> true);
    if (follower < 0) {
      return Finding.nothing("none of its other replicas could lead");
    }
    int here = draft.store(leader).tally().leaders();
    int there = draft.store(follower).tally().leaders();
    if (here - there <= tolerance) {
      return Finding.nothing(() -> "store " + from.store() + " leads " + here + " regions, store "
          + draft.store(follower).id() + " leads " + there
          + ": it takes a difference of more than " + (int) tolerance);
    }
    return new Finding.Planned(new Operator(
        NAME,
        Operator.Kind.LEADER,
        region,
        List.of(new Step.TransferLeader(from.store(), draft.store(follower).id())),
        "store " + from.store() + " leads " + here + " regions, store "
            + draft.store(follower).id() + " leads " + there));
  }

  private static double tolerance(Draft draft) {
    int most = 0;
    for (int i = 0; i < draft.storeCount(); i++) {
      most = Math.max(most, draft.view().store(i).tally().leaders());
    }
    return 1 + Math.max(1, TOLERANT_SHARE * most);
  }

  private static int extreme(Draft draft, boolean[] done, boolean most) {
    int found = -1;
    for (int i = 0; i < draft.storeCount(); i++) {
      boolean counts = most ? draft.store(i).isUp() : Refusal.ofLeader(draft.store(i)) == null;
      if (!counts || done[i]) {
        continue;
      }
      int leaders = draft.store(i).tally().leaders();
      int before = found < 0 ? 0 : draft.store(found).tally().leaders();
      if (found < 0 || (most ? leaders > before : leaders < before)) {
        found = i;
      }
    }
    return found;
  }
}
