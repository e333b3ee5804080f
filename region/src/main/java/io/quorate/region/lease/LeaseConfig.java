package io.quorate.region.lease;

import java.time.Duration;

/**
 * Bounds of leases.
 *
 * @param minTtlSeconds what is granted to whoever asks for less: enough to live through an election
 * @param checkpointEvery how often the time left of a lease that nobody keeps alive is noted in the log; leases of less time are
 *     never noted
 * @param maxNotes in one log entry
 * @param expiriesPerSecond of all homes on one store together; the rest waits
 * @param grace given to every lease, beside what it has left, when its home gets another leader
 * @param maxIds leases in one keep-alive, or in one page of a list
 * @param maxRegistering leases that one region is registering with their homes at a time
 * @param callTimeout after which a call to a home counts as failed
 * @param retryAfter pause before the end of an expired lease is proposed again
 */
public record LeaseConfig(
    long minTtlSeconds,
    Duration checkpointEvery,
    int maxNotes,
    int expiriesPerSecond,
    Duration grace,
    int maxIds,
    int maxRegistering,
    Duration callTimeout,
    Duration retryAfter) {
  /** Seconds, at most (etcd server/lease/lessor.go, MaxLeaseTTL). */
  public static final long MAX_TTL_SECONDS = 9_000_000_000L;

  public static LeaseConfig defaults() {
    return new LeaseConfig(
        2,
        Duration.ofMinutes(5),
        1000,
        2000,
        Duration.ofSeconds(1),
        10_000,
        10_000,
        Duration.ofSeconds(3),
        Duration.ofMillis(200));
  }

  public LeaseConfig withCheckpointEvery(Duration every) {
    return new LeaseConfig(
        minTtlSeconds,
        every,
        maxNotes,
        expiriesPerSecond,
        grace,
        maxIds,
        maxRegistering,
        callTimeout,
        retryAfter);
  }

  public LeaseConfig withGrace(Duration afterElections) {
    return new LeaseConfig(
        minTtlSeconds,
        checkpointEvery,
        maxNotes,
        expiriesPerSecond,
        afterElections,
        maxIds,
        maxRegistering,
        callTimeout,
        retryAfter);
  }
}
