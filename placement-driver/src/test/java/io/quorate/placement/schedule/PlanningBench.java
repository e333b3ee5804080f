package io.quorate.placement.schedule;

import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Prints how long a round of planning takes with 100 stores and 100,000 regions: {@code main}. */
final class PlanningBench {
  private static final int ROUNDS = 60;

  private PlanningBench() {}

  public static void main(String[] arguments) {
    for (int used : new int[] {100, 90}) {
      SimPlacementCluster cluster =
          ConvergenceSimulation.cluster(new Random(1), 100, used, 100_000);
      ClusterView first = cluster.view();
      List<HeardRegion> regions = new ArrayList<>();
      for (int i = 0; i < first.regionCount(); i++) {
        regions.add(first.region(i));
      }
      List<Double> views = new ArrayList<>();
      List<Double> plans = new ArrayList<>();
      int planned = 0;
      for (int round = 0; round < ROUNDS; round++) {
        long began = System.nanoTime();
        ClusterView view =
            ClusterView.of(first.stores(), regions, ClusterView.Busy.NONE, first.nowNanos(), round);
        long counted = System.nanoTime();
        planned = Planner.plan(view, Limits.defaults(), Planner.rules(List.of()), Set.of())
            .size();
        long ended = System.nanoTime();
        views.add((counted - began) / 1e6);
        plans.add((ended - counted) / 1e6);
      }
      System.out.printf(
          "%d of 100 stores in use: view %s, plan %s, %d operators planned%n",
          used, summary(views), summary(plans), planned);
    }
  }

  private static String summary(List<Double> millis) {
    List<Double> sorted = millis.stream().skip(ROUNDS / 3).sorted().toList();
    return String.format(
        "%.1f ms (median), %.1f ms (max)",
        sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
  }
}
