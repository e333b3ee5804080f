package io.quorate.placement.schedule;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far apart replicas stand by their stores' labels. Made once per view: places are numbers, so that looking at a hundred
 * thousand regions costs little. Pure.
 */
final class Isolation {
  /** A difference in a wider label outweighs all in narrower ones (pd, core/store.go, DistinctScore). */
  private static final double WIDER = 100;

  private final int[][] place;
  private final int levels;
  /** Levels from the widest down in which replicas must differ; 0: none. */
  private final int required;

  private final int[] places;

  Isolation(ClusterView view, Limits limits) {
    List<String> labels = limits.names(Setting.LOCATION_LABELS);
    List<String> level = limits.names(Setting.ISOLATION_LEVEL);
    levels = labels.size();
    required = level.isEmpty() ? 0 : labels.indexOf(level.get(0)) + 1;
    place = new int[view.storeCount()][levels];
    places = new int[levels];
    Map<String, Integer> numbers = new HashMap<>();
    Set<Integer> open = new HashSet<>();
    for (int store = 0; store < place.length; store++) {
      StringBuilder path = new StringBuilder();
      StoreView seen = view.store(store);
      for (int i = 0; i < levels; i++) {
        path.append('/').append(seen.store().labels().getOrDefault(labels.get(i), ""));
        int number = numbers.computeIfAbsent(path.toString(), any -> numbers.size());
        place[store][i] = number;
        if (seen.isMeantToServe() && seen.isUp() && open.add(number)) {
          places[i]++;
        }
      }
    }
  }

  /** How far the store stands from the others; greater is better. -1 stands for no store. */
  double score(int store, int[] others) {
    double score = 0;
    for (int other : others) {
      if (other >= 0 && other != store) {
        score += distance(store, other);
      }
    }
    return score;
  }

  private double distance(int one, int other) {
    for (int i = 0; i < levels; i++) {
      if (place[one][i] != place[other][i]) {
        return Math.pow(WIDER, levels - 1 - i);
      }
    }
    return 0;
  }

  /** Whether the store stands where the isolation level forbids it beside the others. */
  boolean isTooClose(int store, int[] others) {
    if (required == 0) {
      return false;
    }
    for (int other : others) {
      if (other >= 0
          && other != store
          && place[store][required - 1] == place[other][required - 1]) {
        return true;
      }
    }
    return false;
  }

  /** Whether all stores are alike: no labels to spread over were named. */
  boolean isIndifferent() {
    return levels == 0;
  }

  /** Whether no choice of stores could spread so many replicas wider: then nobody need look for one. */
  boolean isWidest(int[] stores) {
    for (int i = 0; i < levels; i++) {
      int distinct = 0;
      for (int one = 0; one < stores.length; one++) {
        boolean first = true;
        for (int before = 0; before < one && first; before++) {
          first = stores[before] < 0
              || stores[one] < 0
              || place[stores[before]][i] != place[stores[one]][i];
        }
        distinct += first ? 1 : 0;
      }
      if (distinct < Math.min(stores.length, places[i])) {
        return false;
      }
    }
    return true;
  }
}
