package io.quorate.embedded.check;

import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which transactions of a history must come before which others. Pure.
 *
 * <p>Real time would take an edge for each pair. Instead the moments at which transactions ended stand in a row, each before the next:
 * a transaction comes before the moment of its end, and the last moment before its beginning comes before it.
 */
final class DependencyGraph {
  private record Edge(int to, Dependency kind, String why) {}

  private final List<SeenTxn> txns;
  private final List<List<Edge>> edges = new ArrayList<>();

  DependencyGraph(AppendHistory history) {
    txns = history.done();
    for (int i = 0; i < 2 * txns.size(); i++) {
      edges.add(new ArrayList<>(4));
    }
    addByKeys(history);
    addByTime();
  }

  private void add(int from, int to, Dependency kind, String why) {
    if (from != to) {
      edges.get(from).add(new Edge(to, kind, why));
    }
  }

  private void addByKeys(AppendHistory history) {
    Map<Long, Integer> writer = new HashMap<>();
    Map<String, List<Long>> written = new HashMap<>();
    for (int i = 0; i < txns.size(); i++) {
      for (Step step : txns.get(i).steps()) {
        if (step instanceof Append append) {
          writer.put(append.value(), i);
          written.computeIfAbsent(append.key(), key -> new ArrayList<>()).add(append.value());
        }
      }
    }
    for (Map.Entry<String, List<Long>> key : written.entrySet()) {
      List<Long> order = history.order(key.getKey());
      for (int i = 1; i < order.size(); i++) {
        Integer before = writer.get(order.get(i - 1));
        Integer after = writer.get(order.get(i));
        if (before != null && after != null) {
          add(
              before,
              after,
              Dependency.WW,
              key.getKey() + ": " + order.get(i - 1) + ", " + order.get(i));
        }
      }
    }
    for (int i = 0; i < txns.size(); i++) {
      for (Read read : AppendHistory.foreign(txns.get(i))) {
        addRead(i, read, history.order(read.key()), written, writer);
      }
    }
  }

  private void addRead(
      int reader,
      Read read,
      List<Long> order,
      Map<String, List<Long>> written,
      Map<Long, Integer> writer) {
    int length = read.values().size();
    if (length > 0) {
      long last = read.values().get(length - 1);
      Integer from = writer.get(last);
      if (from != null) {
        add(from, reader, Dependency.WR, read.key() + ": " + last);
      }
    }
    if (length < order.size()) {
      Integer next = writer.get(order.get(length));
      if (next != null) {
        add(reader, next, Dependency.RW, read.key() + ": " + order.get(length));
      }
      return;
    }
    // What nobody read was appended after the longest that was read.
    Set<Long> seen = new HashSet<>(order);
    for (long value : written.getOrDefault(read.key(), List.of())) {
      Integer next = writer.get(value);
      if (next != null && !seen.contains(value)) {
        add(reader, next, Dependency.RW, read.key() + ": " + value + ", which nobody read");
      }
    }
  }

  private void addByTime() {
    int count = txns.size();
    Integer[] byEnd = new Integer[count];
    Arrays.setAll(byEnd, i -> i);
    Arrays.sort(byEnd, Comparator.comparingLong(i -> txns.get(i).ended()));
    long[] ends = new long[count];
    for (int at = 0; at < count; at++) {
      ends[at] = txns.get(byEnd[at]).ended();
      if (ends[at] != SeenTxn.NEVER) {
        add(byEnd[at], count + at, Dependency.RT, "");
        if (at > 0) {
          add(count + at - 1, count + at, Dependency.RT, "");
        }
      }
    }
    for (int i = 0; i < count; i++) {
      int last = firstNotBelow(ends, txns.get(i).began()) - 1;
      if (last >= 0) {
        add(count + last, i, Dependency.RT, "");
      }
    }
  }

  private static int firstNotBelow(long[] sorted, long value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A shortest cycle of dependencies of these kinds among some that belong together, if there is any. */
  Optional<Cycle> cycle(Set<Dependency> kinds) {
    int[] component = Components.of(edges.size(), node -> targets(node, kinds));
    int[] size = new int[edges.size()];
    for (int node : component) {
      size[node]++;
    }
    for (int node = 0; node < txns.size(); node++) {
      if (size[component[node]] > 1) {
        return Optional.of(shortest(node, component, kinds));
      }
    }
    return Optional.empty();
  }

  private int[] targets(int node, Set<Dependency> kinds) {
    return edges.get(node).stream()
        .filter(edge -> kinds.contains(edge.kind()))
        .mapToInt(Edge::to)
        .toArray();
  }

  private record Hop(int from, Edge edge) {}

  /** Breadth first from a node back to it, inside its component. */
  private Cycle shortest(int start, int[] component, Set<Dependency> kinds) {
    Map<Integer, Hop> reached = new HashMap<>();
    ArrayDeque<Integer> next = new ArrayDeque<>(List.of(start));
    while (!reached.containsKey(start)) {
      int node = next.removeFirst();
      for (Edge edge : edges.get(node)) {
        if (kinds.contains(edge.kind())
            && component[edge.to()] == component[start]
            && reached.putIfAbsent(edge.to(), new Hop(node, edge)) == null) {
          next.addLast(edge.to());
        }
      }
    }
    List<Hop> hops = new ArrayList<>();
    int at = start;
    do {
      Hop hop = reached.get(at);
      if (hop == null) {
        throw new IllegalStateException("a way back that was not gone");
      }
      hops.add(hop);
      at = hop.from();
    } while (at != start);
    Collections.reverse(hops);
    return new Cycle(hops);
  }

  /** Transactions each of which must come before the next, and the last before the first. */
  final class Cycle {
    private final List<Hop> hops;

    private Cycle(List<Hop> hops) {
      this.hops = hops;
    }

    long count(Dependency kind) {
      return hops.stream().filter(hop -> hop.edge().kind() == kind).count();
    }

    /** For people: each dependency with its reason, then the transactions as a whole. */
    String told() {
      StringBuilder told = new StringBuilder();
      Set<Integer> concerned = new java.util.LinkedHashSet<>();
      for (Hop hop : hops) {
        boolean fromTxn = hop.from() < txns.size();
        if (fromTxn) {
          concerned.add(hop.from());
          told.append("T").append(txns.get(hop.from()).id());
          told.append(" ").append(hop.edge().kind().words);
          told.append(hop.edge().why().isEmpty() ? "" : " (" + hop.edge().why() + ")");
          told.append(" ");
        }
      }
      told.append("T").append(txns.get(hops.get(0).from()).id());
      concerned.forEach(number -> told.append("\n    ").append(txns.get(number)));
      return told.toString();
    }
  }
}
