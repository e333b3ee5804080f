package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.region.command.RegionView;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionSource;
import io.quorate.region.transaction.LockView;

/** What is applied and not above a revision, as a view. Any thread. */
record AsOf(
    RegionStore.State state,
    VersionSource versions,
    long revision,
    long compacted,
    LeaseView leases)
    implements RegionView {
  @Override
  public RegionDescriptor descriptor() {
    return state.descriptor();
  }

  @Override
  public long floor() {
    return Math.max(state.floor(), compacted);
  }

  @Override
  public LockView locks() {
    return state.locks();
  }

  @Override
  public long lastStamp() {
    return state.position().lastStamp();
  }

  @Override
  public Version newest(Bytes key) {
    return versions.at(key, revision);
  }

  @Override
  public Version at(Bytes key, long asOf) {
    return versions.at(key, Math.min(asOf, revision));
  }

  @Override
  public KeyWalk walk(KeyRange range, long asOf, boolean values) {
    return versions.walk(range, Math.min(asOf, revision), values);
  }
}
