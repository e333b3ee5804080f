package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.region.mvcc.Version;
import java.util.List;
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

  /** Adds what a new version of a key means to the leases that it hung on and hangs on now. */
  static void addMoves(Bytes key, Version before, Version after, List<LeaseChange> to) {
    if (before.lease() != after.lease()) {
      if (before.lease() != 0) {
        to.add(new Key(before.lease(), key, false));
      }
      if (after.lease() != 0) {
        to.add(new Key(after.lease(), key, true));
      }
    }
  }
}
