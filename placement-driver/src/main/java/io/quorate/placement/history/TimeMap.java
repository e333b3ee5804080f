package io.quorate.placement.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which revision was the newest when: samples in ascending order, thinned with their age so that two neighbours are never
 * further apart than a part of their age. Immutable.
 *
 * <p>Time is the cluster's age: what leaders of PD have measured by their monotonic clocks, one after the other. It never goes
 * back and never runs ahead of real time; it stands still while nobody leads. So what is kept by age is kept longer, never
 * shorter, whatever wall clocks do.
 */
public record TimeMap(List<Sample> samples) {
  public static final TimeMap EMPTY = new TimeMap(List.of());

  /** Two neighbours are at most this part of their age apart, or come from two samplings in a row. */
  static final int PARTS = 64;

  /** Samples at most; with {@link #PARTS} not reached in a century. */
  static final int MAX_SAMPLES = 4_096;

  /**
   * A moment.
   *
   * @param age of the cluster, milliseconds
   * @param revision the newest handed out then
   * @param drawn how many revisions were handed out by then; those lost by a change of PD's leader are not among them
   * @param wallMillis by a wall clock, for people; nothing is decided by it
   */
  public record Sample(long age, long revision, long drawn, long wallMillis) {
    public static final Sample NONE = new Sample(0, 0, 0, 0);
  }

  public TimeMap {
    samples = List.copyOf(samples);
  }

  /** The newest one. */
  public Sample last() {
    return samples.isEmpty() ? Sample.NONE : samples.get(samples.size() - 1);
  }

  /**
   * With one more sample, unless it is not newer than the last; what nobody needs any more is left out.
   *
   * @param compacted nothing below it is asked for any more
   */
  public TimeMap with(Sample sample, long compacted) {
    Sample before = last();
    if (sample.age() <= before.age()
        || sample.revision() < before.revision()
        || sample.drawn() < before.drawn()) {
      return this;
    }
    List<Sample> all = new ArrayList<>(samples);
    all.add(sample);
    return new TimeMap(thinned(all, firstNeeded(all, compacted), sample.age()));
  }

  /** The last one at or below the compacted revision still says since when that was over. */
  private static int firstNeeded(List<Sample> all, long compacted) {
    int first = 0;
    while (first + 1 < all.size() && all.get(first + 1).revision() <= compacted) {
      first++;
    }
    return Math.max(first, all.size() - MAX_SAMPLES);
  }

  private static List<Sample> thinned(List<Sample> all, int from, long now) {
    List<Sample> kept = new ArrayList<>(all.size());
    for (int i = from; i < all.size(); i++) {
      boolean between = !kept.isEmpty() && i + 1 < all.size();
      if (between) {
        long older = kept.get(kept.size() - 1).age();
        if ((all.get(i + 1).age() - older) * PARTS <= now - older) {
          continue;
        }
      }
      kept.add(all.get(i));
    }
    return kept;
  }

  /** The last sample of at most that age. */
  public Optional<Sample> atAge(long age) {
    return last(samples, sample -> sample.age() <= age);
  }

  /** The last sample by which at most so many revisions had been handed out. */
  public Optional<Sample> atDrawn(long drawn) {
    return last(samples, sample -> sample.drawn() <= drawn);
  }

  private interface Test {
    boolean holds(Sample sample);
  }

  /** The test holds for all samples up to one, and for none after it. */
  private static Optional<Sample> last(List<Sample> samples, Test test) {
    int low = 0;
    int high = samples.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (test.holds(samples.get(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? Optional.empty() : Optional.of(samples.get(low - 1));
  }
}
