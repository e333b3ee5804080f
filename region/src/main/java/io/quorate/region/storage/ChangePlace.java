package io.quorate.region.storage;

/**
 * Where a change stands among all of a region: first by its revision, then by its place in it. Pure.
 *
 * @param revision that made it
 * @param sub which operation of that revision, from 0
 */
public record ChangePlace(long revision, int sub) implements Comparable<ChangePlace> {
  /** The place behind all changes of the revision. */
  public static ChangePlace endOf(long revision) {
    return new ChangePlace(revision, Integer.MAX_VALUE);
  }

  /** Whether this is the last place of its revision, whatever the revision holds. */
  public boolean isEnd() {
    return sub == Integer.MAX_VALUE;
  }

  @Override
  public int compareTo(ChangePlace other) {
    int byRevision = Long.compare(revision, other.revision);
    return byRevision != 0 ? byRevision : Integer.compare(sub, other.sub);
  }
}
