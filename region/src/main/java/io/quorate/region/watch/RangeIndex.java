package io.quorate.region.watch;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds all holders of ranges that contain a key. Single keys are a hash lookup; the other ranges lie sorted by their starts in
 * an implicit balanced tree whose nodes know the greatest end below them, built anew by the first lookup after a change. One
 * thread at a time.
 *
 * @param <H> holders; each has one range, and is known by identity
 */
final class RangeIndex<H> {
  private record Held<H>(KeyRange range, H holder) {}

  private final Map<Bytes, Set<H>> singles = new HashMap<>();
  private final Map<H, KeyRange> ranges = new HashMap<>();
  /** Sorted by start; null after a change. */
  private @Nullable List<Held<H>> sorted = List.of();
  /** For the node in the middle of each stretch of {@link #sorted}, the greatest end in the stretch. */
  private List<Bytes> greatestEnds = List.of();

  void add(KeyRange range, H holder) {
    if (range.isSingle()) {
      singles.computeIfAbsent(range.start(), key -> new LinkedHashSet<>()).add(holder);
    } else {
      ranges.put(holder, range);
      sorted = null;
    }
  }

  void remove(KeyRange range, H holder) {
    if (range.isSingle()) {
      Set<H> holders = singles.get(range.start());
      if (holders != null && holders.remove(holder) && holders.isEmpty()) {
        singles.remove(range.start());
      }
    } else if (ranges.remove(holder) != null) {
      sorted = null;
    }
  }

  /** Tells each holder whose range contains the key, once. */
  void find(Bytes key, Consumer<H> to) {
    Set<H> exact = singles.get(key);
    if (exact != null) {
      exact.forEach(to);
    }
    if (!ranges.isEmpty()) {
      List<Held<H>> tree = tree();
      find(tree, 0, tree.size(), key, to);
    }
  }

  private void find(List<Held<H>> tree, int from, int to, Bytes key, Consumer<H> found) {
    if (from >= to) {
      return;
    }
    int middle = (from + to) >>> 1;
    Bytes greatest = greatestEnds.get(middle);
    if (!greatest.isEmpty() && greatest.compareTo(key) <= 0) {
      return;
    }
    find(tree, from, middle, key, found);
    Held<H> here = tree.get(middle);
    if (here.range().start().compareTo(key) <= 0) {
      if (here.range().contains(key)) {
        found.accept(here.holder());
      }
      find(tree, middle + 1, to, key, found);
    }
  }

  private List<Held<H>> tree() {
    List<Held<H>> known = sorted;
    if (known == null) {
      List<Held<H>> built = new ArrayList<>(ranges.size());
      ranges.forEach((holder, range) -> built.add(new Held<>(range, holder)));
      built.sort(Comparator.comparing(held -> held.range().start()));
      List<Bytes> ends = new ArrayList<>(built.size());
      for (Held<H> held : built) {
        ends.add(held.range().end());
      }
      var unused = raise(built, ends, 0, built.size());
      greatestEnds = ends;
      sorted = built;
      known = built;
    }
    return known;
  }

  private Bytes raise(List<Held<H>> tree, List<Bytes> ends, int from, int to) {
    int middle = (from + to) >>> 1;
    Bytes greatest = tree.get(middle).range().end();
    if (from < middle) {
      greatest = greater(greatest, raise(tree, ends, from, middle));
    }
    if (middle + 1 < to) {
      greatest = greater(greatest, raise(tree, ends, middle + 1, to));
    }
    ends.set(middle, greatest);
    return greatest;
  }

  private static Bytes greater(Bytes left, Bytes right) {
    return KeyRange.compareEnds(left, right) >= 0 ? left : right;
  }
}
