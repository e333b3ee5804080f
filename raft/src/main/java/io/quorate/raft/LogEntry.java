package io.quorate.raft;

/**
 * A committed entry, as the state machine gets it.
 *
 * @param index its place in the group's log
 * @param term of the leader that proposed it
 * @param data what was proposed; the machine must not change it
 */
public record LogEntry(long index, long term, byte[] data) {}
