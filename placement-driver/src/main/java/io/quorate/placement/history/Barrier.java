package io.quorate.placement.history;

/**
 * Somebody's wish that what is readable at a revision is not removed. Immutable; part of the cluster's image.
 *
 * @param name drawn by its owner, unique
 * @param owner for people: who, and what for
 * @param revision which stays readable for its owner
 * @param ttlMillis it ends so long after the last renewal, or later
 * @param createdMillis by a wall clock, for people; nothing is decided by it
 * @param renewals how often it was renewed
 */
public record Barrier(
    String name, String owner, long revision, long ttlMillis, long createdMillis, long renewals) {
  /** Barriers at one time, at most. */
  public static final int MAX_BARRIERS = 1_000;

  /** Longest name and longest owner, in characters. */
  public static final int MAX_TEXT = 256;

  public static final long MIN_TTL_MILLIS = 1_000;
  public static final long MAX_TTL_MILLIS = 24L * 3_600_000;

  public Barrier renewed() {
    return new Barrier(name, owner, revision, ttlMillis, createdMillis, renewals + 1);
  }
}
