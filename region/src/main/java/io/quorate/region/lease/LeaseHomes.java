package io.quorate.region.lease;

import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How a region reaches the homes of leases, in whichever regions and stores they are. Any thread; never blocks. */
@FunctionalInterface
public interface LeaseHomes {
  /** There are none: every lease is unknown. */
  LeaseHomes NONE = (lease, range) -> CompletableFuture.completedFuture(Optional.empty());

  /**
   * What a home has registered.
   *
   * @param grantRevision of the lease
   * @param homeRevision of the home's entry
   * @param range where it will look for keys
   */
  record Registered(long grantRevision, long homeRevision, KeyRange range) {}

  /**
   * Tells the home that keys under the lease may come to lie in the range; twice is as good as once.
   *
   * @return empty if there is no such lease, or it is being revoked; fails if that cannot be found out in time
   */
  CompletableFuture<Optional<Registered>> register(long lease, KeyRange range);
}
