package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.region.history.HistoryRegion;
import io.quorate.region.storage.CleaningPass;
import io.quorate.region.storage.RegionStore;
import java.util.Optional;

/** A replica here, as those see it who keep its history short. Any thread. */
record HostedHistory(RegionHost host, RegionStore store) implements HistoryRegion {
  @Override
  public RegionDescriptor descriptor() {
    return store.descriptor();
  }

  @Override
  public boolean leading() {
    return host.leading();
  }

  @Override
  public long floor() {
    return store.floor();
  }

  @Override
  public long lastStamp() {
    return Math.min(store.lastStamp(), store.locks().lowestCommit() - 1);
  }

  @Override
  public long dataMark() {
    return store.readMark();
  }

  @Override
  public long approximateKeys() {
    return host.approximateKeys();
  }

  @Override
  public void advanceFloor(long to) {
    host.advanceFloor(to);
  }

  @Override
  public Optional<CleaningPass> clean() {
    return store.clean();
  }
}
