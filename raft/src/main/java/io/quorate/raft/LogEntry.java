package io.quorate.raft;

import io.quorate.model.Bytes;

/**
 * A committed entry, as the state machine gets it.
 *
 * @param index its place in the group's log
 * @param term of the leader that proposed it
 * @param data what was proposed
 */
public record LogEntry(long index, long term, Bytes data) {}
