package io.quorate.region.host;

import io.quorate.region.command.Outcome;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RegionStore;
import java.util.List;

/** Takes in the regions that splits make on this store. Called on apply threads; never waits. */
interface Births {
  /** What a split needs of the log's side. */
  ChildSeeds seeds();

  /**
   * A split has been written.
   *
   * @param split all its parts
   * @param children those that live on this store, to be started
   * @param campaign whether this store shall try to lead them at once
   */
  void born(Outcome.Split split, List<RegionStore> children, boolean campaign);
}
