package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Merges small neighbours: not those split lately, hot or not whole. The smaller one's replicas go to the other's stores first;
 * then the left one takes in the right one (pd, schedule/checker/merge_checker.go).
 */
public final class MergeChecker implements Scheduler {
  public static final String NAME = "merge-checker";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    int room = limits.count(Setting.MERGE_SCHEDULE_LIMIT) - view.running(Operator.Kind.MERGE);
    if (!limits.flag(Setting.ENABLE_MERGE) || room <= 0) {
      return List.of();
    }
    Draft draft = new Draft(view);
    // The right neighbour alone is looked at: the left one finds this region as its own right one.
    for (int i = 0; i + 1 < view.regionCount() && draft.planned().size() < room; i++) {
      HeardRegion left = view.region(i);
      HeardRegion right = view.region(i + 1);
      if (isSmall(left, limits)
          && isSmall(right, limits)
          && pair(draft, limits, left, right) instanceof Finding.Planned planned) {
        draft.add(planned.operator());
        // The pair is taken; its right one must not serve as the next left one.
        i++;
      }
    }
    return draft.planned();
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    if (!limits.flag(Setting.ENABLE_MERGE)) {
      return Finding.nothing("merging is off (enable-merge)");
    }
    Draft draft = new Draft(view);
    StringBuilder words = new StringBuilder();
    for (int i = 0; i + 1 < view.regionCount(); i++) {
      HeardRegion left = view.region(i);
      HeardRegion right = view.region(i + 1);
      if (left.descriptor().id().equals(region.descriptor().id())
          || right.descriptor().id().equals(region.descriptor().id())) {
        Finding finding = pair(draft, limits, left, right);
        if (finding.isPlanned()) {
          return finding;
        }
        words.append(words.length() == 0 ? "" : "; ").append(finding.why());
      }
    }
    return Finding.nothing(words.length() == 0 ? "it has no neighbour" : words.toString());
  }

  private static boolean isSmall(HeardRegion region, Limits limits) {
    return region.approximateBytes() <= limits.bytes(Setting.MAX_MERGE_REGION_SIZE)
        && region.approximateKeys() <= limits.bytes(Setting.MAX_MERGE_REGION_KEYS);
  }

  private static Finding pair(Draft draft, Limits limits, HeardRegion left, HeardRegion right) {
    for (HeardRegion region : List.of(left, right)) {
      Optional<String> unfit = unfit(draft, limits, region);
      if (unfit.isPresent()) {
        return Finding.nothing(() -> "region " + region.descriptor().id() + " " + unfit.get());
      }
    }
    if (!left.descriptor().range().end().equals(right.descriptor().range().start())) {
      return Finding.nothing("between it and its neighbour a range is not heard of");
    }
    if (left.approximateBytes() + right.approximateBytes()
            > limits.bytes(Setting.MAX_MERGE_REGION_SIZE)
        || left.approximateKeys() + right.approximateKeys()
            > limits.bytes(Setting.MAX_MERGE_REGION_KEYS)) {
      return Finding.nothing("together they would be larger than max-merge-region-size or -keys");
    }
    String why = "regions " + left.descriptor().id() + " and "
        + right.descriptor().id() + " are small neighbours";
    if (stores(left).equals(stores(right))) {
      return new Finding.Planned(new Operator(
          NAME, Operator.Kind.MERGE, left, List.of(new Step.Merge(right.descriptor())), why));
    }
    boolean rightMoves = right.approximateBytes() <= left.approximateBytes();
    HeardRegion mover = rightMoves ? right : left;
    HeardRegion stays = rightMoves ? left : right;
    List<Step> steps = align(draft, limits, mover, stays);
    return steps.isEmpty()
        ? Finding.nothing("a store of region " + stays.descriptor().id() + " takes no replicas now")
        : new Finding.Planned(new Operator(NAME, Operator.Kind.MERGE, mover, steps, why));
  }

  private static Optional<String> unfit(Draft draft, Limits limits, HeardRegion region) {
    String busy = draft.busy(region);
    if (busy != null) {
      return Optional.of("is busy: " + busy);
    }
    if (!isSmall(region, limits)) {
      return Optional.of(
          "is larger than max-merge-region-size or has more than max-merge-region-keys");
    }
    if (draft.leader(region) < 0 || !draft.isWhole(region, limits)) {
      return Optional.of("is not whole: repair comes first");
    }
    long age = draft.view().nowNanos() - region.health().rangeSince();
    if (age < limits.nanos(Setting.SPLIT_MERGE_INTERVAL)) {
      return Optional.of("was split, merged or first heard only " + age / 1_000_000_000
          + " s ago (split-merge-interval)");
    }
    return HotRegions.isHot(region, limits) ? Optional.of("is hot") : Optional.empty();
  }

  private static Set<StoreId> stores(HeardRegion region) {
    return region.descriptor().peers().stream().map(Peer::store).collect(Collectors.toSet());
  }

  /** Moves one after the other until the replicas stand on the same stores; empty if one of those takes none. */
  static List<Step> align(Draft draft, Limits limits, HeardRegion mover, HeardRegion stays) {
    Set<StoreId> wanted = stores(stays);
    List<Peer> leaving = new ArrayList<>(mover.descriptor().peers());
    leaving.removeIf(peer -> wanted.contains(peer.store()));
    // The leader leaves last: until then it need not hand over.
    leaving.sort(
        (one, other) -> Boolean.compare(Moves.leads(mover, one), Moves.leads(mover, other)));
    List<Step> steps = new ArrayList<>();
    int at = 0;
    for (Peer peer : stays.descriptor().peers()) {
      if (mover.descriptor().peerOn(peer.store()).isPresent()) {
        continue;
      }
      int store = draft.view().indexOf(peer.store());
      @Nullable
      Refusal refusal = store < 0 ? Refusal.SILENT : Refusal.ofTarget(draft.store(store), limits);
      if (refusal != null || at >= leaving.size()) {
        return List.of();
      }
      steps.addAll(Moves.replace(draft, mover, leaving.get(at++), peer.store()));
    }
    return steps;
  }
}
