package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.lease.NoLeases;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;

/**
 * The state that a write was judged by which is done: as it was before the write's revision. Of leases nothing is known any
 * more, so all are taken as registered: those that it named were.
 *
 * @param now the state today
 * @param revision of the write
 */
record Earlier(RegionView now, long revision) implements RegionView {
  private static final LeaseView ADMITTING = new NoLeases() {
    @Override
    public boolean admits(long lease, Bytes key) {
      return true;
    }
  };

  @Override
  public RegionDescriptor descriptor() {
    return now.descriptor();
  }

  @Override
  public long floor() {
    return now.floor();
  }

  @Override
  public long lastStamp() {
    return revision - 1;
  }

  @Override
  public LeaseView leases() {
    return ADMITTING;
  }

  @Override
  public Version newest(Bytes key) {
    return now.at(key, revision - 1);
  }

  @Override
  public Version at(Bytes key, long asOf) {
    return now.at(key, Math.min(asOf, revision - 1));
  }

  @Override
  public KeyWalk walk(KeyRange range, long asOf, boolean values) {
    return now.walk(range, Math.min(asOf, revision - 1), values);
  }
}
