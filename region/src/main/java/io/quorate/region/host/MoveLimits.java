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
 * @param asksRemembered regions whose leaders' asking for a replica here is remembered or in work at once; others ask again
 * @param installRetries how often in a process's life one region's failed install of a snapshot is begun anew; then the replica
 *     stays stopped, and its disk is to be looked at
 */
public record MoveLimits(
    long promoteLag,
    Duration replicaDownAfter,
    Duration handoverPause,
    Duration arrivalPatience,
    int asksRemembered,
    int installRetries) {
  public MoveLimits {
    if (promoteLag < 1
        || replicaDownAfter.toMillis() < 1
        || handoverPause.toMillis() < 1
        || arrivalPatience.isNegative()
        || asksRemembered < 1
        || installRetries < 0) {
      throw new IllegalArgumentException("move limits must be positive: lag " + promoteLag
          + ", down after " + replicaDownAfter + ", handover pause " + handoverPause
          + ", arrival patience " + arrivalPatience + ", asks remembered " + asksRemembered
          + ", install retries " + installRetries);
    }
  }

  public static MoveLimits defaults() {
    return new MoveLimits(
        1_000, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofMillis(400), 1_024, 3);
  }

  public MoveLimits withInstallRetries(int retries) {
    return new MoveLimits(
        promoteLag, replicaDownAfter, handoverPause, arrivalPatience, asksRemembered, retries);
  }
}
