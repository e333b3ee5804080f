package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A range read at a revision shows of each key the newest write up to that revision, however late it became known. */
final class SnapshotsWhole implements Invariant {
  @Override
  public List<String> violations(History history) {
    Map<Integer, long[]> revisions = revisionsByKey(history);
    List<String> violations = new ArrayList<>();
    for (Op read : history.reads()) {
      if (read.snapshot() == 0 || violations.size() == TOLD_MAX) {
        continue;
      }
      long due = newestUpTo(revisions.getOrDefault(read.key(), new long[0]), read.snapshot());
      if (read.revision() < due) {
        violations.add("the write of revision " + due + " is missing in " + read);
      }
    }
    return violations;
  }

  private static Map<Integer, long[]> revisionsByKey(History history) {
    Map<Integer, List<Long>> collected = new TreeMap<>();
    for (Op put : history.puts()) {
      long revision = history.revisionOf(put);
      if (revision > 0) {
        collected.computeIfAbsent(put.key(), key -> new ArrayList<>()).add(revision);
      }
    }
    Map<Integer, long[]> sorted = new TreeMap<>();
    collected.forEach((key, list) ->
        sorted.put(key, list.stream().mapToLong(Long::longValue).sorted().toArray()));
    return sorted;
  }

  private static long newestUpTo(long[] revisions, long snapshot) {
    int at = Arrays.binarySearch(revisions, snapshot);
    int index = at >= 0 ? at : -at - 2;
    return index < 0 ? 0 : revisions[index];
  }
}
