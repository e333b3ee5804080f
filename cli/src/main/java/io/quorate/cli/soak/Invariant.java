package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.List;

/** Something that must hold of every history. Pure. */
public interface Invariant {
  /** Violations are told up to this number by each invariant: one is bad enough. */
  int TOLD_MAX = 5;

  /** What breaks it, in words; empty if it holds. */
  List<String> violations(History history);

  /** All of them. */
  static List<Invariant> all() {
    return List.of(
        new AckedWritesSurvive(),
        new RevisionsUnique(),
        new RevisionsInRealTimeOrder(),
        new ReadsNotStale(),
        new ReadsMatchWrites(),
        new SnapshotsWhole(),
        new RefusedNeverApplied(),
        new UnknownAtMostOnce());
  }

  /** What breaks any of them, each with the name of the invariant in front. */
  static List<String> broken(History history) {
    List<String> broken = new ArrayList<>();
    for (Invariant invariant : all()) {
      invariant
          .violations(history)
          .forEach(what -> broken.add(invariant.getClass().getSimpleName() + ": " + what));
    }
    return broken;
  }
}
