package io.quorate.region.lease;

import io.quorate.model.Bytes;
import org.jspecify.annotations.Nullable;

/** One change of what a region keeps of leases; written with the mutations of the same command. */
public sealed interface LeaseChange {
  /** Id of the lease. */
  long lease();

  /**
   * At the home.
   *
   * @param now what is kept; null once it is gone
   */
  record Home(long lease, @Nullable LeaseHome now) implements LeaseChange {}

  /** Where keys of it are. */
  record Registered(long lease, Registration now) implements LeaseChange {}

  /**
   * A key that hangs on it.
   *
   * @param attached or no more
   */
  record Key(long lease, Bytes key, boolean attached) implements LeaseChange {}
}
