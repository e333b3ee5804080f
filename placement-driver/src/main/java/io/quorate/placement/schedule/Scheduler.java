package io.quorate.placement.schedule;

import io.quorate.placement.registry.HeardRegion;
import java.util.List;

/** One rule of placement. Without state: the same view and limits give the same operators. */
public interface Scheduler {
  /** As operators know it; PD's own name where PD has one. */
  String name();

  /** What is to be done now; no two operators for one region, none for a region that is busy. */
  List<Operator> plan(ClusterView view, Limits limits);

  /** What this rule says of one region, by the code that plans. */
  Finding judge(ClusterView view, Limits limits, HeardRegion region);
}
