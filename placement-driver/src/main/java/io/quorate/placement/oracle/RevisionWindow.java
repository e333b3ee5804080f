package io.quorate.placement.oracle;

/**
 * The revisions that one term's leader may hand out: (counter, bound]. Immutable and pure; the {@link OracleHost} of the
 * leading member holds the current one.
 *
 * <p>No number repeats, whoever led: a leader hands out numbers above its start only and never above a bound that was
 * committed before, and every later leader starts above the greatest bound committed. The number at a leader's start itself
 * is never handed out by anybody: it is what {@code current()} says before the first write, so an empty cluster is at 1 and
 * its first write gets 2.
 *
 * @param term whose leader it belongs to
 * @param counter the highest number handed out, or the start
 * @param bound the highest number that may be handed out; below the counter while the term has none of its own
 */
public record RevisionWindow(long term, long counter, long bound) {
  /**
   * The window of a new leader.
   *
   * @param persistedBound the greatest bound committed in all earlier terms, 0 if there was none
   */
  public static RevisionWindow startOf(long term, long persistedBound) {
    return new RevisionWindow(term, persistedBound + 1, persistedBound);
  }

  /** Whether so many numbers can be handed out now. */
  public boolean holds(int count) {
    return bound - counter >= count;
  }

  /** The window after handing out the numbers (counter, counter + count]. */
  public RevisionWindow take(int count) {
    if (count < 1 || !holds(count)) {
      throw new IllegalStateException("cannot take " + count + " revisions from " + this);
    }
    return new RevisionWindow(term, counter + count, bound);
  }

  /** Whether half of the window is used up, so that the next bound should be on its way to the log. */
  public boolean isExtensionDue(long size) {
    return bound - counter <= size / 2;
  }

  /** The window that hands out nothing at or below the number; a greater bound was committed in this term or before. */
  public RevisionWindow raisedTo(long number) {
    return new RevisionWindow(term, Math.max(counter, number), bound);
  }

  /** After the bound was committed in this term. */
  public RevisionWindow extendedTo(long committedBound) {
    return new RevisionWindow(term, counter, Math.max(bound, committedBound));
  }
}
