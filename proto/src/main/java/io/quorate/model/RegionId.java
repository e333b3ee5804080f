package io.quorate.model;

/**
 * Names a region, and with it its Raft group, for ever.
 *
 * @param value issued by PD, from 1 up
 */
public record RegionId(long value) implements Comparable<RegionId> {
  @Override
  public int compareTo(RegionId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
