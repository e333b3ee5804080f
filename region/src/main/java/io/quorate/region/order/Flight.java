package io.quorate.region.order;

import java.util.List;

/**
 * The place of one batch of writes in the order of its region, from before its stamps are asked for until nothing of it can
 * be applied any more: what a read must know of it. Owned by the region's mailbox.
 */
public final class Flight {
  private final long term;
  private final TouchedKeys touched;
  private long lowest;
  private long highest = Long.MAX_VALUE;

  private Flight(long term, long lowest, List<Footprint> writes) {
    this.term = term;
    this.lowest = lowest;
    this.touched = new TouchedKeys(writes);
  }

  /**
   * A batch whose ask is about to be sent: whatever it gets will be above all numbers known before.
   *
   * @param term it will be proposed in, or never
   * @param newestKnown highest number this store has seen
   */
  public static Flight asking(long term, long newestKnown, List<Footprint> writes) {
    return new Flight(term, newestKnown + 1, writes);
  }

  /** A batch of commands that take no number: what they change holds reads back by its locks, and never otherwise. */
  public static Flight unstamped(long term) {
    Flight flight = new Flight(term, Long.MAX_VALUE, List.of());
    flight.highest = 0;
    return flight;
  }

  /** The ask was answered by the numbers {@code [first, last]}. */
  public void stamped(long first, long last) {
    if (first < lowest) {
      throw new IllegalStateException("asked for numbers from " + lowest + " on and got " + first);
    }
    lowest = first;
    highest = last;
  }

  public long term() {
    return term;
  }

  public long lowest() {
    return lowest;
  }

  /** The last of its numbers; the greatest of all while they are not known. */
  public long highest() {
    return highest;
  }

  /**
   * Whether a read must wait for this batch.
   *
   * @param readTerm term in which the reader's leadership was confirmed: earlier terms can commit nothing more
   * @param revision that is read at
   * @param appliedStamp the region's last applied stamp: apply refuses every stamp that is not above it
   * @param reader what is read
   */
  public boolean holdsBack(long readTerm, long revision, long appliedStamp, Footprint reader) {
    return term >= readTerm
        && lowest <= revision
        && appliedStamp < highest
        && touched.intersects(reader);
  }
}
