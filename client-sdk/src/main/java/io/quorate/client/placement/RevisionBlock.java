package io.quorate.client.placement;

/**
 * Consecutive revisions that were handed to one asker and to nobody else.
 *
 * @param first smallest of them
 * @param last greatest of them
 * @param state what PD said with them
 */
public record RevisionBlock(long first, long last, OracleState state) {}
