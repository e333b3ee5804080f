package io.quorate.region.host;

/**
 * A replica's counters since it started; a reader takes differences. Bytes are those of user keys and values.
 *
 * @param writtenKeys versions and tombstones written by apply
 * @param writtenBytes of them
 * @param readKeys answered by reads here
 * @param readBytes of them
 * @param queuedWrites waiting now, not yet proposed
 */
public record RegionStats(
    long writtenKeys, long writtenBytes, long readKeys, long readBytes, int queuedWrites) {}
