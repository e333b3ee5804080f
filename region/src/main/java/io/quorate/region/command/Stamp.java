package io.quorate.region.command;

/**
 * All that a command knows of its place in the world.
 *
 * @param index of its log entry
 * @param revision from the oracle; greater than 0
 */
public record Stamp(long index, long revision) {}
