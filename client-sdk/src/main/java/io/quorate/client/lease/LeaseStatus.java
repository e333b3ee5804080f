package io.quorate.client.lease;

import io.quorate.model.Bytes;
import java.util.List;

/**
 * What is left of a lease.
 *
 * @param id of the lease
 * @param ttlSeconds left, at least; -1 if there is no such lease
 * @param grantedTtlSeconds as granted; 0 if there is no such lease
 * @param grantRevision names it together with its id, which may be granted anew; 0 if there is no such lease
 * @param keys that hang on it, in order, if they were asked for
 */
public record LeaseStatus(
    long id, long ttlSeconds, long grantedTtlSeconds, long grantRevision, List<Bytes> keys) {
  public LeaseStatus {
    keys = List.copyOf(keys);
  }

  public boolean exists() {
    return ttlSeconds >= 0;
  }
}
