package io.quorate.client.retry;

/**
 * Where a request stands when an attempt has failed.
 *
 * @param failures attempts that failed, this one included: 1 or more
 * @param repeatable whether it may be asked for again though it may have happened: true for reads, and for writes that the
 *     region knows again by their names
 * @param doubtful whether this attempt or an earlier one may have happened, or may happen yet: never true for reads
 * @param remainingMillis time left until the deadline; may be negative
 */
public record Attempt(int failures, boolean repeatable, boolean doubtful, long remainingMillis) {}
