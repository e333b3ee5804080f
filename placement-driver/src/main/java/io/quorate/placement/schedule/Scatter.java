package io.quorate.placement.schedule;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * Spreads the regions of a range, leaders and replicas, evenly over the stores, whatever they weigh: after a bulk split they are
 * empty, all on the parent's stores, and about to be written to.
 */
public final class Scatter implements Scheduler {
  public static final String NAME = "scatter-range-scheduler";

  private final List<KeyRange> ranges;

  /**
   * Scatters these.
   *
   * @param ranges each is evened out by itself
   */
  public Scatter(List<KeyRange> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    Draft draft = new Draft(view);
    int room = limits.count(Setting.REGION_SCHEDULE_LIMIT) - view.running(Operator.Kind.REGION);
    for (KeyRange range : ranges) {
      Group group = new Group(draft, limits, range);
      for (HeardRegion region : group.regions) {
        if (draft.planned().size() >= room) {
          return draft.planned();
        }
        if (group.judge(region) instanceof Finding.Planned planned) {
          group.add(planned.operator());
        }
      }
    }
    return draft.planned();
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    for (KeyRange range : ranges) {
      if (range.overlaps(region.descriptor().range())) {
        return new Group(new Draft(view), limits, range).judge(region);
      }
    }
    return Finding.nothing("it is in no range that is being scattered");
  }

  /** The regions of one range, counted per store. */
  private static final class Group {
    private final Draft draft;
    private final Limits limits;
    private final Isolation isolation;
    private final List<HeardRegion> regions = new ArrayList<>();
    private final int[] replicas;
    private final int[] leaders;

    Group(Draft draft, Limits limits, KeyRange range) {
      this.draft = draft;
      this.limits = limits;
      isolation = new Isolation(draft.view(), limits);
      replicas = new int[draft.storeCount()];
      leaders = new int[draft.storeCount()];
      for (int i = 0; i < draft.view().regionCount(); i++) {
        HeardRegion region = draft.view().region(i);
        if (region.descriptor().range().overlaps(range)) {
          regions.add(region);
          count(region);
        }
      }
    }

    private void count(HeardRegion region) {
      for (int store : draft.storesOf(region, null)) {
        if (store >= 0) {
          replicas[store]++;
        }
      }
      int leader = draft.leader(region);
      if (leader >= 0) {
        leaders[leader]++;
      }
      Operator running = draft.view().busy().running().get(region.descriptor().id());
      if (running != null) {
        shift(running);
      }
    }

    private void shift(Operator operator) {
      for (Step step : operator.steps()) {
        if (step instanceof Step.AddLearner add) {
          shift(replicas, draft.view().indexOf(add.store()), 1);
        } else if (step instanceof Step.Remove remove) {
          shift(replicas, draft.view().indexOf(remove.peer().store()), -1);
        } else if (step instanceof Step.TransferLeader transfer) {
          shift(leaders, draft.view().indexOf(transfer.from()), -1);
          shift(leaders, draft.view().indexOf(transfer.to()), 1);
        }
      }
    }

    private static void shift(int[] counts, int store, int by) {
      if (store >= 0) {
        counts[store] += by;
      }
    }

    void add(Operator operator) {
      draft.add(operator);
      shift(operator);
    }

    Finding judge(HeardRegion region) {
      String busy = draft.busy(region);
      if (busy != null) {
        return Finding.nothing(busy);
      }
      int leader = draft.leader(region);
      if (leader < 0 || !draft.isWhole(region, limits)) {
        return Finding.nothing("it is not whole: repair comes first");
      }
      Finding move = move(region);
      return move.isPlanned() ? move : transfer(region, leader);
    }

    private Finding move(HeardRegion region) {
      for (Peer peer : region.descriptor().peers()) {
        int source = draft.view().indexOf(peer.store());
        int[] others = draft.storesOf(region, peer);
        int best = -1;
        for (int store = 0; source >= 0 && store < draft.storeCount(); store++) {
          if (replicas[source] - replicas[store] > 1
              && (best < 0 || replicas[store] < replicas[best])
              && Moves.refusal(draft, limits, isolation, others, region, store) == null
              && isolation.score(store, others) >= isolation.score(source, others)) {
            best = store;
          }
        }
        if (best >= 0) {
          return planned(
              Operator.Kind.REGION,
              region,
              Moves.replace(draft, region, peer, draft.store(best).id()));
        }
      }
      return Finding.nothing("its range is spread evenly");
    }

    private Finding transfer(HeardRegion region, int leader) {
      int best = -1;
      for (Peer peer : region.descriptor().peers()) {
        int store = Moves.healthyFollower(draft, region, peer);
        if (store >= 0
            && leaders[leader] - leaders[store] > 1
            && (best < 0 || leaders[store] < leaders[best])) {
          best = store;
        }
      }
      return best < 0
          ? Finding.nothing("its range is spread evenly")
          : planned(
              Operator.Kind.LEADER,
              region,
              List.of(new Step.TransferLeader(
                  draft.store(leader).id(), draft.store(best).id())));
    }

    private static Finding planned(Operator.Kind kind, HeardRegion region, List<Step> steps) {
      return new Finding.Planned(
          new Operator(NAME, kind, region, steps, "its range is being scattered"));
    }
  }
}
