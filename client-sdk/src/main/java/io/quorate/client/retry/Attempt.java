package io.quorate.client.retry;

/**
 * Where a request stands when an attempt has failed.
 *
 * @param failures attempts that failed, this one included: 1 or more
 * @param repeatable whether doing it twice is doing it once: true for reads only
 * @param remainingMillis time left until the deadline; may be negative
 */
public record Attempt(int failures, boolean repeatable, long remainingMillis) {}
