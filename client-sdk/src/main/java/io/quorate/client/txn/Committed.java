package io.quorate.client.txn;

/**
 * A transaction was done.
 *
 * @param value what its body gave
 * @param revision of its writes; if it wrote nothing, of the state it saw
 * @param attempts it took
 */
public record Committed<T>(T value, long revision, int attempts) {}
