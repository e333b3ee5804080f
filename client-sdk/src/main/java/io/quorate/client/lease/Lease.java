package io.quorate.client.lease;

/**
 * A lease as it was granted.
 *
 * @param id any number but 0; keys are put under it by {@link io.quorate.client.PutOptions#withLease}
 * @param ttlSeconds granted, perhaps more than was asked for: it lives at least so long after the last answered keep-alive
 * @param revision of the grant
 */
public record Lease(long id, long ttlSeconds, long revision) {}
