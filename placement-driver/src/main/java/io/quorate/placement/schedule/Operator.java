package io.quorate.placement.schedule;

import io.quorate.model.RegionId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What shall be done to one region, step by step, planned from one view.
 *
 * @param by the checker or scheduler that planned it, or "operator" for a person's order
 * @param kind whose limit it counts against
 * @param region as it was when this was planned
 * @param steps one after the other
 * @param why in one line
 */
public record Operator(String by, Kind kind, HeardRegion region, List<Step> steps, String why) {
  /** What an operator is for. */
  public enum Kind {
    LEADER,
    REGION,
    REPLICA,
    HOT,
    MERGE,
    /** Ordered by a person: no limit, and it replaces what is under way. */
    ADMIN
  }

  public Operator {
    steps = List.copyOf(steps);
  }

  public RegionId id() {
    return region.descriptor().id();
  }

  /** Regions that it has taken in by its region: what becomes of them tells whether it makes sense. */
  public List<RegionId> rights() {
    return steps.stream()
        .filter(Step.Merge.class::isInstance)
        .map(step -> ((Step.Merge) step).right().id())
        .toList();
  }

  /** How many replica ids it needs to be admitted. */
  public int idsWanted() {
    return (int) steps.stream()
        .filter(step -> step instanceof Step.AddLearner add && add.replica() == 0)
        .count();
  }

  /** The same with an id for each replica that it adds. */
  public Operator withIds(LongSupplier ids) {
    List<Step> numbered = new ArrayList<>();
    for (Step step : steps) {
      numbered.add(
          step instanceof Step.AddLearner add && add.replica() == 0
              ? new Step.AddLearner(add.store(), ids.getAsLong())
              : step);
    }
    return new Operator(by, kind, region, numbered, why);
  }

  @Override
  public String toString() {
    return by + " region=" + id() + " " + steps + ": " + why;
  }
}
