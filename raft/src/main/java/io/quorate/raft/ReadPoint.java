package io.quorate.raft;

/**
 * Proof that a replica led its group at some moment after it was asked for, and that all that was committed before then
 * is applied here.
 *
 * @param term the term that was confirmed
 * @param index the commit index that was waited for
 */
public record ReadPoint(long term, long index) {}
