package io.quorate.region.host;

import io.quorate.region.command.Outcome;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RegionStore;
import java.util.List;

/** For regions that nobody cuts. */
enum NoBirths implements Births {
  INSTANCE;

  @Override
  public ChildSeeds seeds() {
    throw new AssertionError("nobody cuts this region");
  }

  @Override
  public void born(Outcome.Split split, List<RegionStore> children, boolean campaign) {
    throw new AssertionError("nobody cuts this region");
  }
}
