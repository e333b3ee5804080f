package io.quorate.region.host;

import java.time.Duration;

/**
 * When a replica counts as behind or as down.
 *
 * @param promoteLag entries by which a learner may be behind its leader and still be made a voter; also what is told to PD as
 *     "pending" is behind by more
 * @param replicaDownAfter silence of a replica after which it is told to PD as down
 * @param handoverPause how long writes are held back at most while leadership is handed over
 * @param arrivalPatience how long a leader must ask for a replica that is not here before an empty one is made: a split may be
 *     about to bring it
 */
public record MoveLimits(
    long promoteLag, Duration replicaDownAfter, Duration handoverPause, Duration arrivalPatience) {
  public MoveLimits {
    if (promoteLag < 1
        || replicaDownAfter.toMillis() < 1
        || handoverPause.toMillis() < 1
        || arrivalPatience.isNegative()) {
      throw new IllegalArgumentException("move limits must be positive: lag " + promoteLag
          + ", down after " + replicaDownAfter + ", handover pause " + handoverPause
          + ", arrival patience " + arrivalPatience);
    }
  }

  public static MoveLimits defaults() {
    return new MoveLimits(
        1_000, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofMillis(400));
  }
}
