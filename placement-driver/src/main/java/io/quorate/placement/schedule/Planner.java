package io.quorate.placement.schedule;

import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One round of planning: every rule in turn, each seeing what those before it planned. Pure. */
public final class Planner {
  private Planner() {}

  /** All rules, the most urgent first. */
  public static List<Scheduler> rules(List<KeyRange> scattered) {
    return List.of(
        new EvictLeaders(),
        new ReplicaChecker(),
        new Scatter(scattered),
        new MergeChecker(),
        new HotRegions(),
        new BalanceLeaders(),
        new BalanceRegions());
  }

  /**
   * What is to be done now.
   *
   * @param paused rules that are left out, by name
   */
  public static List<Operator> plan(
      ClusterView view, Limits limits, List<Scheduler> rules, Set<String> paused) {
    List<Operator> planned = new ArrayList<>();
    ClusterView now = view;
    for (Scheduler rule : rules) {
      if (!paused.contains(rule.name())) {
        List<Operator> more = rule.plan(now, limits);
        planned.addAll(more);
        now = now.with(more);
      }
    }
    return planned;
  }
}
