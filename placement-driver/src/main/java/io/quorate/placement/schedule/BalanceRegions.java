package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.placement.registry.HeardRegion;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Evens out bytes per store: from the fullest to the emptiest that takes it, only if it narrows their difference by more than
 * the tolerance. So the sum of squares falls with every move, and none is ever taken back (pd, schedulers/balance_region.go).
 */
public final class BalanceRegions implements Scheduler {
  public static final String NAME = "balance-region-scheduler";

  /** Planned in one round: the next sees what came of them. */
  private static final int PLANNED_PER_ROUND = 256;

  /** Regions of one store that are looked at in one round. */
  private static final int TRIES_PER_STORE = 64;

  /** Share of the largest store's regions that may be uneven (pd, adjustTolerantRatio). */
  private static final double TOLERANT_SHARE = 0.005;

  private static final double FULL = 1e18;

  /** So many times more its bytes count on a disk that is nearly at low-space-ratio. */
  private static final double STEEP = 9;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    Draft draft = new Draft(view);
    int room = Math.min(
        PLANNED_PER_ROUND,
        limits.count(Setting.REGION_SCHEDULE_LIMIT) - view.running(Operator.Kind.REGION));
    if (room <= 0 || view.storeCount() < 2) {
      return List.of();
    }
    Isolation isolation = new Isolation(view, limits);
    double tolerance = tolerance(view, limits);
    int[] tried = new int[view.storeCount()];
    while (draft.planned().size() < room) {
      Integer[] order = byScore(draft, limits);
      if (!planOne(draft, limits, isolation, tolerance, order, tried)) {
        break;
      }
    }
    return draft.planned();
  }

  /** From the fullest store down, until one gives something. */
  private static boolean planOne(
      Draft draft,
      Limits limits,
      Isolation isolation,
      double tolerance,
      Integer[] order,
      int[] tried) {
    double lowest = lowest(draft, limits, order);
    for (int at = order.length - 1; at > 0; at--) {
      int source = order[at];
      if (score(draft.store(source), limits) - lowest <= tolerance + ClusterView.SIZE_MIN) {
        return false;
      }
      int[] held = draft.view().held(source);
      int from = held.length == 0 ? 0 : (int) (draft.view().round() * 17 % held.length);
      while (tried[source] < Math.min(TRIES_PER_STORE, held.length)) {
        HeardRegion region = draft.view().region(held[(from + tried[source]++) % held.length]);
        Peer peer = peerOn(draft, region, source);
        if (peer != null
            && move(draft, limits, isolation, tolerance, order, region, peer)
                instanceof Finding.Planned planned) {
          draft.add(planned.operator());
          return true;
        }
      }
    }
    return false;
  }

  private static double lowest(Draft draft, Limits limits, Integer[] order) {
    for (int store : order) {
      if (Refusal.ofTarget(draft.store(store), limits) == null) {
        return score(draft.store(store), limits);
      }
    }
    return Double.MAX_VALUE;
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    Draft draft = new Draft(view);
    Isolation isolation = new Isolation(view, limits);
    Integer[] order = byScore(draft, limits);
    StringBuilder words = new StringBuilder();
    for (Peer peer : region.descriptor().peers()) {
      Finding finding =
          move(draft, limits, isolation, tolerance(view, limits), order, region, peer);
      if (finding.isPlanned()) {
        return finding;
      }
      words.append(words.length() == 0 ? "" : "; ").append(finding.why());
    }
    return Finding.nothing(words.toString());
  }

  /** Whether this replica should go elsewhere. */
  private static Finding move(
      Draft draft,
      Limits limits,
      Isolation isolation,
      double tolerance,
      Integer[] order,
      HeardRegion region,
      Peer peer) {
    int source = draft.view().indexOf(peer.store());
    String busy = draft.busy(region);
    if (busy != null) {
      return Finding.nothing(busy);
    }
    if (source < 0 || draft.leader(region) < 0 || !draft.isWhole(region, limits)) {
      return Finding.nothing("it is not whole: repair comes first");
    }
    if (HotRegions.isHot(region, limits)) {
      return Finding.nothing("it is hot: only the hot region scheduler moves it");
    }
    Refusal refusal = Refusal.ofSource(draft.store(source), limits);
    if (refusal != null) {
      return Finding.nothing(
          () -> "store " + peer.store() + " does not give it: " + refusal.words());
    }
    int[] others = draft.storesOf(region, peer);
    double apart = isolation.score(source, others);
    double least = ClusterView.size(region) + tolerance;
    double weight = weight(draft.store(source), limits);
    double full = score(draft.store(source), limits);
    for (int target : order) {
      double difference = full - score(draft.store(target), limits);
      // With the heavier of the two weights: else a move could tip the balance and be taken back.
      double needed = least * Math.max(weight, weight(draft.store(target), limits));
      if (difference <= needed) {
        if (target == source) {
          return Finding.nothing("no store is emptier than store " + peer.store());
        }
        return Finding.nothing(() -> String.format(
            "from store %s to %s it would even out too little: they differ by %.1f MiB, it takes more than %.1f",
            peer.store(), draft.store(target).id(), mib(difference), mib(needed)));
      }
      if (Moves.refusal(draft, limits, isolation, others, region, target) == null
          && isolation.score(target, others) >= apart) {
        return new Finding.Planned(new Operator(
            NAME,
            Operator.Kind.REGION,
            region,
            Moves.replace(draft, region, peer, draft.store(target).id()),
            String.format(
                "store %s is %.1f MiB fuller than store %s",
                peer.store(), mib(difference), draft.store(target).id())));
      }
    }
    return Finding.nothing(() -> "from store " + peer.store() + " it can go nowhere: "
        + Moves.whyNoTarget(draft, limits, isolation, others, region));
  }

  private static double mib(double bytes) {
    return bytes / (1 << 20);
  }

  /** Stores that count, by score; ties by place, so that equal views give equal plans. */
  private static Integer[] byScore(Draft draft, Limits limits) {
    double[] scores = new double[draft.storeCount()];
    Integer[] order = new Integer[scores.length];
    int count = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score(draft.store(i), limits);
      if (draft.store(i).isMeantToServe() && draft.store(i).isUp()) {
        order[count++] = i;
      }
    }
    Integer[] counted = Arrays.copyOf(order, count);
    Arrays.sort(counted, Comparator.comparingDouble(store -> scores[store]));
    return counted;
  }

  /** The difference that is left alone, in bytes. */
  static double tolerance(ClusterView view, Limits limits) {
    long bytes = 0;
    long replicas = 0;
    int most = 0;
    for (int i = 0; i < view.storeCount(); i++) {
      StoreView.Tally tally = view.store(i).tally();
      bytes += tally.bytes();
      replicas += tally.replicas();
      most = Math.max(most, tally.replicas());
    }
    double average = replicas == 0 ? ClusterView.SIZE_MIN : (double) bytes / replicas;
    double ratio = limits.ratio(Setting.TOLERANT_SIZE_RATIO);
    return average * (ratio > 0 ? ratio : Math.max(1, TOLERANT_SHARE * most));
  }

  /**
   * How full a store is: its bytes while there is room, its bytes with ever more weight between high-space-ratio and
   * low-space-ratio, beyond that its lack of free space alone (after pd, core/store.go, regionScoreV1).
   */
  static double score(StoreView store, Limits limits) {
    return Refusal.isLowOnSpace(store, limits)
        ? FULL - store.disk().available()
        : store.tally().bytes() * weight(store, limits);
  }

  private static double weight(StoreView store, Limits limits) {
    StoreView.Disk disk = store.disk();
    double high = limits.ratio(Setting.HIGH_SPACE_RATIO);
    double low = limits.ratio(Setting.LOW_SPACE_RATIO);
    if (disk.capacity() == 0 || low <= high) {
      return 1;
    }
    double full = 1 - (double) disk.available() / disk.capacity();
    return 1 + STEEP * Math.min(1, Math.max(0, (full - high) / (low - high)));
  }

  private static @Nullable Peer peerOn(Draft draft, HeardRegion region, int store) {
    List<Peer> peers = region.descriptor().peers();
    for (int i = 0; i < peers.size(); i++) {
      if (draft.view().indexOf(peers.get(i).store()) == store) {
        return peers.get(i);
      }
    }
    return null;
  }
}
