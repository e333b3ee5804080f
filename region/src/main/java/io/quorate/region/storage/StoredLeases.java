package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.lease.Registration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the disk holds of one region's leases. Any thread. */
record StoredLeases(SharedStore store, RegionId region) implements LeaseView {
  @Override
  public @Nullable LeaseHome home(long lease) {
    byte[] record = store.read(SharedStore.LEASE, LeaseSlices.home(lease));
    return record == null ? null : LeaseHome.decode(record);
  }

  @Override
  public @Nullable Registration registration(long lease) {
    return LeaseSlices.registration(store, region, lease);
  }

  @Override
  public List<Bytes> keys(long lease, KeyRange range, int limit) {
    return LeaseSlices.keys(store, lease, range, limit);
  }

  @Override
  public long term() {
    return 0;
  }
}
