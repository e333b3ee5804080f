package io.quorate.raft;

/**
 * Names a Raft group within a cluster.
 *
 * @param value greater than 0
 */
public record GroupId(long value) implements Comparable<GroupId> {
  @Override
  public int compareTo(GroupId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
