package io.quorate.placement.cluster;

import io.quorate.model.KeyRange;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What people told planning, so that the next leader knows it. Times are what was left when it was noted: no clock is shared, and
 * a leader that takes over counts them from then on. Immutable.
 *
 * @param paused rules that are left out, by name, with the milliseconds left; 0: until they are resumed
 * @param scattered ranges whose regions are being spread, with the milliseconds left, the oldest first
 */
public record PlanningNotes(SortedMap<String, Long> paused, Map<KeyRange, Long> scattered) {
  public static final PlanningNotes NONE = new PlanningNotes(new TreeMap<>(), Map.of());

  public PlanningNotes {
    paused = Collections.unmodifiableSortedMap(new TreeMap<>(paused));
    scattered = Collections.unmodifiableMap(new LinkedHashMap<>(scattered));
  }
}
