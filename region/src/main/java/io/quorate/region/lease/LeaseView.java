package io.quorate.region.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a region knows of leases, as its commands are judged by it. */
public interface LeaseView {
  /** The lease, if this region is its home and it exists. */
  @Nullable
  LeaseHome home(long lease);

  /** What is kept of the lease for its keys here. */
  @Nullable
  Registration registration(long lease);

  /** Keys of the range that hang on the lease, in key order: a hint, the key's newest version decides. */
  List<Bytes> keys(long lease, KeyRange range, int limit);

  /** Term of the entry that is judged; 0 outside of the log. */
  long term();

  /** Whether a key may be put under the lease. */
  default boolean admits(long lease, Bytes key) {
    Registration known = registration(lease);
    return known != null && known.isLive() && known.known().contains(key);
  }
}
