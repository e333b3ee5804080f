package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.placement.registry.HeardRegion;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Spreads what clients do: a hot region's leadership goes to the follower whose store has the least to do, and where writes
 * weigh on a store's replicas, a replica moves. Only where the busier store stays at least as busy as the other, so that a hot
 * region is not handed to and fro (pd, schedulers/hot_region.go).
 */
public final class HotRegions implements Scheduler {
  public static final String NAME = "balance-hot-region-scheduler";

  /** Beats in a row; a single burst makes no region hot. */
  private static final int SAMPLES_MIN = 3;

  /** Hot regions of a store that are looked at, the hottest first (pd, TopN). */
  private static final int TOP = 60;

  /** How far above the average a store must be. */
  private static final double ABOVE = 1.05;

  @Override
  public String name() {
    return NAME;
  }

  static boolean isHot(HeardRegion region, Limits limits) {
    return region.load().samples() >= SAMPLES_MIN
        && region.load().bytes() >= limits.bytes(Setting.MIN_HOT_BYTE_RATE);
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    int room = limits.count(Setting.HOT_REGION_SCHEDULE_LIMIT) - view.running(Operator.Kind.HOT);
    Draft draft = new Draft(view);
    for (int round = 0; round < room; round++) {
      if (!planLeader(draft, limits) && !planReplica(draft, limits)) {
        break;
      }
    }
    return draft.planned();
  }

  private static boolean planLeader(Draft draft, Limits limits) {
    int busiest = busiest(draft, store -> store.tally().leaderLoad());
    if (busiest < 0) {
      return false;
    }
    for (HeardRegion region : hottest(draft, limits, draft.view().led(busiest))) {
      if (leader(draft, limits, region) instanceof Finding.Planned planned) {
        draft.add(planned.operator());
        return true;
      }
    }
    return false;
  }

  private static boolean planReplica(Draft draft, Limits limits) {
    int busiest = busiest(draft, store -> store.tally().writeLoad());
    if (busiest < 0) {
      return false;
    }
    Isolation isolation = new Isolation(draft.view(), limits);
    for (HeardRegion region : hottest(draft, limits, draft.view().held(busiest))) {
      if (replica(draft, limits, isolation, busiest, region) instanceof Finding.Planned planned) {
        draft.add(planned.operator());
        return true;
      }
    }
    return false;
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    Draft draft = new Draft(view);
    Finding leader = leader(draft, limits, region);
    if (leader.isPlanned() || !isHot(region, limits)) {
      return leader;
    }
    int busiest = busiest(draft, store -> store.tally().writeLoad());
    boolean there =
        busiest >= 0 && region.descriptor().peerOn(draft.store(busiest).id()).isPresent();
    return there ? replica(draft, limits, new Isolation(view, limits), busiest, region) : leader;
  }

  private static Finding leader(Draft draft, Limits limits, HeardRegion region) {
    String busy = draft.busy(region);
    if (busy != null) {
      return Finding.nothing(busy);
    }
    if (!isHot(region, limits)) {
      return Finding.nothing(() -> String.format(
          "it is not hot: %.0f bytes a second over %d beats, hot is from %d over %d",
          region.load().bytes(),
          region.load().samples(),
          limits.bytes(Setting.MIN_HOT_BYTE_RATE),
          SAMPLES_MIN));
    }
    int from = draft.leader(region);
    if (from < 0) {
      return Finding.nothing("no leader of it was heard that is up");
    }
    double load = region.load().bytes();
    double here = draft.store(from).tally().leaderLoad();
    int best = -1;
    for (Peer peer : region.descriptor().peers()) {
      int store = Moves.healthyFollower(draft, region, peer);
      if (store >= 0
          && (best < 0
              || draft.store(store).tally().leaderLoad()
                  < draft.store(best).tally().leaderLoad())) {
        best = store;
      }
    }
    if (best < 0 || here - draft.store(best).tally().leaderLoad() <= load * ABOVE) {
      return Finding.nothing("it is hot, but its leader would weigh no less on another store");
    }
    return new Finding.Planned(new Operator(
        NAME,
        Operator.Kind.HOT,
        region,
        List.of(
            new Step.TransferLeader(draft.store(from).id(), draft.store(best).id())),
        String.format(
            "it is hot with %.0f bytes a second, and store %s leads the most of these",
            load, draft.store(from).id())));
  }

  private static Finding replica(
      Draft draft, Limits limits, Isolation isolation, int from, HeardRegion region) {
    String busy = draft.busy(region);
    Peer peer = region.descriptor().peerOn(draft.store(from).id()).orElse(null);
    if (busy != null
        || peer == null
        || !draft.isWhole(region, limits)
        || draft.leader(region) < 0) {
      return Finding.nothing(busy == null ? "it is not whole: repair comes first" : busy);
    }
    if (Refusal.ofSource(draft.store(from), limits) != null) {
      return Finding.nothing("its store gave as many replicas lately as it may");
    }
    double load = region.load().writtenBytes();
    double here = draft.store(from).tally().writeLoad();
    int[] others = draft.storesOf(region, peer);
    double apart = isolation.score(from, others);
    int best = -1;
    for (int store = 0; store < draft.storeCount(); store++) {
      if (here - draft.store(store).tally().writeLoad() > load * ABOVE
          && load > 0
          && Moves.refusal(draft, limits, isolation, others, region, store) == null
          && isolation.score(store, others) >= apart
          && (best < 0
              || draft.store(store).tally().writeLoad()
                  < draft.store(best).tally().writeLoad())) {
        best = store;
      }
    }
    if (best < 0) {
      return Finding.nothing("it is hot, but its writes would weigh no less on another store");
    }
    return new Finding.Planned(new Operator(
        NAME,
        Operator.Kind.HOT,
        region,
        Moves.replace(draft, region, peer, draft.store(best).id()),
        String.format(
            "it is written with %.0f bytes a second, and store %s takes the most of these",
            load, peer.store())));
  }

  /** The store with the most to do, if it is clearly above the average; -1 if there is none. */
  private static int busiest(Draft draft, ToDoubleFunction<StoreView> load) {
    int busiest = -1;
    double sum = 0;
    int count = 0;
    for (int i = 0; i < draft.storeCount(); i++) {
      if (draft.store(i).isUp()) {
        double mine = load.applyAsDouble(draft.store(i));
        sum += mine;
        count++;
        if (busiest < 0 || mine > load.applyAsDouble(draft.store(busiest))) {
          busiest = i;
        }
      }
    }
    return busiest >= 0
            && load.applyAsDouble(draft.store(busiest)) > sum / Math.max(1, count) * ABOVE
        ? busiest
        : -1;
  }

  private static List<HeardRegion> hottest(Draft draft, Limits limits, int[] regions) {
    return Arrays.stream(regions)
        .mapToObj(draft.view()::region)
        .filter(region -> isHot(region, limits))
        .sorted(
            Comparator.comparingDouble((HeardRegion region) -> -region.load().bytes()))
        .limit(TOP)
        .toList();
  }
}
