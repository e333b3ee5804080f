package io.quorate.region.host;

import java.time.Duration;

/**
 * When a replica counts as behind or as down.
 *
 * @param promoteLag entries by which a learner may be behind its leader and still be made a voter; also what is told to PD as
 *     "pending" is behind by more
 * @param replicaDownAfter silence of a replica after which it is told to PD as down
 */
public record MoveLimits(long promoteLag, Duration replicaDownAfter) {
  public MoveLimits {
    if (promoteLag < 1 || replicaDownAfter.toMillis() < 1) {
      throw new IllegalArgumentException(
          "move limits must be positive: lag " + promoteLag + ", down after " + replicaDownAfter);
    }
  }

  public static MoveLimits defaults() {
    return new MoveLimits(1_000, Duration.ofSeconds(10));
  }
}
