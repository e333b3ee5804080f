package io.quorate.region.history;

import io.quorate.model.RegionDescriptor;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.storage.CleaningPass;
import java.util.Optional;

/** One region's replica, as those who keep its history short see it. Any thread; nothing here waits, but {@link #clean}. */
public interface HistoryRegion {
  RegionDescriptor descriptor();

  boolean leading();

  long floor();

  long lastStamp();

  /** Changes whenever data came or went otherwise than by commands. */
  long dataMark();

  long approximateKeys();

  /** Proposes a floor; one at a time, and nobody hears what comes of it but by the floor. */
  void advanceFloor(long to);

  /** Begins a pass up to the floor, if there is anything to do. Reads a little. */
  Optional<CleaningPass> clean();

  /** Whether the floor follows PD's as far as it can: whether an entry would raise it. */
  default boolean isBehind(long target) {
    return AdvanceFloor.reach(target, lastStamp()) > floor();
  }
}
