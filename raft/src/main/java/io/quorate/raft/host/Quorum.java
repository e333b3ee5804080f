package io.quorate.raft.host;

import io.quorate.raft.ReplicaId;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What a majority is: of each of one or two sets of voters (joint consensus, Raft §6).
 *
 * @param sets none empty
 */
record Quorum(List<List<ReplicaId>> sets) {
  boolean reachedBy(Set<ReplicaId> yes) {
    return !sets.isEmpty()
        && sets.stream().allMatch(voters -> count(voters, yes) * 2 > voters.size());
  }

  /** Whether these noes keep it from ever being reached. */
  boolean deniedBy(Set<ReplicaId> no) {
    return sets.isEmpty()
        || sets.stream()
            .anyMatch(voters -> (voters.size() - count(voters, no)) * 2 <= voters.size());
  }

  /** All voters, each once. */
  List<ReplicaId> voters() {
    return sets.stream().flatMap(Collection::stream).distinct().toList();
  }

  private static long count(List<ReplicaId> voters, Set<ReplicaId> among) {
    return voters.stream().filter(among::contains).count();
  }
}
