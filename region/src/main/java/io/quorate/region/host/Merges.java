package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.command.MergeState;

/** Hears of the regions of this store that stop serving for a merge's sake. Called on apply threads; never waits. */
interface Merges {
  Merges NONE = new Merges() {
    @Override
    public void frozen(RegionId right, MergeState.Frozen by) {}

    @Override
    public void ended(RegionId right, RegionDescriptor whole) {}
  };

  /** The region is frozen here. */
  void frozen(RegionId right, MergeState.Frozen by);

  /**
   * The region is no more; what runs of it here is to be stopped, and its log to be deleted.
   *
   * @param whole what it is part of now
   */
  void ended(RegionId right, RegionDescriptor whole);
}
