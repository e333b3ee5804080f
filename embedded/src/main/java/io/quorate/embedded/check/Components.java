package io.quorate.embedded.check;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.IntFunction;

/** Strongly connected components of a directed graph (Tarjan 1972), without recursion. Pure. */
final class Components {
  private final IntFunction<int[]> targets;
  private final int[] number;
  private final int[] low;
  private final boolean[] open;
  private final int[] component;
  private final ArrayDeque<Integer> path = new ArrayDeque<>();
  private final ArrayDeque<Visit> visits = new ArrayDeque<>();
  private int numbered;
  private int components;

  private static final class Visit {
    final int node;
    final int[] to;
    int next;

    Visit(int node, int[] to) {
      this.node = node;
      this.to = to;
    }
  }

  private Components(int nodes, IntFunction<int[]> targets) {
    this.targets = targets;
    this.number = new int[nodes];
    Arrays.fill(number, -1);
    this.low = new int[nodes];
    this.open = new boolean[nodes];
    this.component = new int[nodes];
  }

  /**
   * Finds them.
   *
   * @param targets where edges from a node lead
   * @return the component's number for each node
   */
  static int[] of(int nodes, IntFunction<int[]> targets) {
    Components found = new Components(nodes, targets);
    for (int node = 0; node < nodes; node++) {
      if (found.number[node] < 0) {
        found.visit(node);
      }
    }
    return found.component;
  }

  private void enter(int node) {
    number[node] = numbered;
    low[node] = numbered++;
    open[node] = true;
    path.push(node);
    visits.push(new Visit(node, targets.apply(node)));
  }

  private void visit(int start) {
    enter(start);
    while (!visits.isEmpty()) {
      Visit visit = visits.element();
      if (visit.next < visit.to.length) {
        int to = visit.to[visit.next++];
        if (number[to] < 0) {
          enter(to);
        } else if (open[to]) {
          low[visit.node] = Math.min(low[visit.node], number[to]);
        }
      } else {
        leave(visits.pop());
      }
    }
  }

  private void leave(Visit visit) {
    if (low[visit.node] == number[visit.node]) {
      int member;
      do {
        member = path.pop();
        open[member] = false;
        component[member] = components;
      } while (member != visit.node);
      components++;
    }
    Visit from = visits.peek();
    if (from != null) {
      low[from.node] = Math.min(low[from.node], low[visit.node]);
    }
  }
}
