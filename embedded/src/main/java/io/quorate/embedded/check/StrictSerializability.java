package io.quorate.embedded.check;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a history of list-appends is strictly serializable: each read is explained by the appends of committed transactions, and
 * what came before what (a write before the next of its key, a write before its reader, a reader before the next write, an end before
 * a later beginning) has no cycle. Names of anomalies are Adya's (Weak Consistency, MIT 1999). Pure.
 */
public final class StrictSerializability {
  /** Anomalies told of one history, at most. */
  public static final int TOLD_MAX = 10;

  private StrictSerializability() {}

  /** What breaks it, in words; empty if it holds. */
  public static List<String> anomalies(List<SeenTxn> history) {
    AppendHistory appends = new AppendHistory(history);
    List<String> told = new ArrayList<>(appends.anomalies());
    DependencyGraph graph = new DependencyGraph(appends);
    // The fewest kinds of dependencies first: they name the anomaly best.
    for (Level level : Level.values()) {
      Optional<String> cycle =
          graph.cycle(level.kinds()).map(edges -> level.name(edges) + edges.told());
      if (cycle.isPresent()) {
        told.add(cycle.get());
        break;
      }
    }
    return told.size() > TOLD_MAX ? told.subList(0, TOLD_MAX) : told;
  }

  private enum Level {
    WRITES(Dependency.WW),
    INFORMATION(Dependency.WR),
    SERIAL(Dependency.RW),
    STRICT(Dependency.RT);

    private final Dependency last;

    Level(Dependency last) {
      this.last = last;
    }

    /** One more than the level before. */
    Set<Dependency> kinds() {
      return EnumSet.range(Dependency.WW, last);
    }

    String name(DependencyGraph.Cycle cycle) {
      long anti = cycle.count(Dependency.RW);
      String name = anti == 0
          ? (cycle.count(Dependency.WR) == 0 ? "G0" : "G1c")
          : anti == 1 ? "G-single" : "G2";
      return (this == STRICT ? "real-time " + name : name) + ": ";
    }
  }
}
