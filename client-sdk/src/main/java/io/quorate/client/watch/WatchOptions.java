package io.quorate.client.watch;

import java.time.Duration;

/**
 * How to watch.
 *
 * @param start first revision wanted, past or future; 0: what comes after now
 * @param previous with each event the key as it was before
 * @param noPut leave puts out
 * @param noDelete leave deletions out
 * @param immediate do not wait for other regions: events come as each region applies them, in the order of revisions
 *     within each region that the range touched when the watch began, also after it was cut, and hence for each key, but not
 *     over regions
 * @param anyReplica be served by any replica of each region, so that watchers do not all burden the leaders: a little later, and
 *     with several regions in the order of revisions only as fast as followers hear from leaders
 * @param progressEvery tell progress after so long without events; zero: only when asked for
 */
public record WatchOptions(
    long start,
    boolean previous,
    boolean noPut,
    boolean noDelete,
    boolean immediate,
    boolean anyReplica,
    Duration progressEvery) {
  /** From now on, in revision order, without previous values. */
  public static final WatchOptions DEFAULT =
      new WatchOptions(0, false, false, false, false, false, Duration.ZERO);

  public WatchOptions {
    if (start < 0 || progressEvery.isNegative()) {
      throw new IllegalArgumentException(
          "a watch starts at revision 1 or later, or now (0), not at " + start);
    }
    if (noPut && noDelete) {
      throw new IllegalArgumentException("without puts and deletions nothing is left to watch");
    }
  }

  /** Starts at a revision; one more than the last that was seen loses and repeats nothing. */
  public WatchOptions from(long revision) {
    return new WatchOptions(
        revision, previous, noPut, noDelete, immediate, anyReplica, progressEvery);
  }

  public WatchOptions withPrevious() {
    return new WatchOptions(start, true, noPut, noDelete, immediate, anyReplica, progressEvery);
  }

  public WatchOptions withoutPuts() {
    return new WatchOptions(start, previous, true, noDelete, immediate, anyReplica, progressEvery);
  }

  public WatchOptions withoutDeletes() {
    return new WatchOptions(start, previous, noPut, true, immediate, anyReplica, progressEvery);
  }

  public WatchOptions withImmediate() {
    return new WatchOptions(start, previous, noPut, noDelete, true, anyReplica, progressEvery);
  }

  public WatchOptions withAnyReplica() {
    return new WatchOptions(start, previous, noPut, noDelete, immediate, true, progressEvery);
  }

  public WatchOptions withProgressEvery(Duration pause) {
    return new WatchOptions(start, previous, noPut, noDelete, immediate, anyReplica, pause);
  }
}
