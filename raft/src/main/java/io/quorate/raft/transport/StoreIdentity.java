package io.quorate.raft.transport;

/**
 * Who this end of a stream is; every stream begins with it.
 *
 * @param clusterId the same on all stores that may meet
 * @param storeId greater than 0
 * @param incarnation drawn when the store's data directory was made; 0 where the owner has none
 */
public record StoreIdentity(long clusterId, long storeId, long incarnation) {}
