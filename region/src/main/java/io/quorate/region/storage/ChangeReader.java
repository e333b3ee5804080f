package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;

/** Finds the changes of one region's keys since a place: by the notes, or by the data. Any thread; what it gives has one user. */
public final class ChangeReader {
  private final SharedStore store;
  private final RegionStore region;

  ChangeReader(SharedStore store, RegionStore region) {
    this.store = store;
    this.region = region;
  }

  /** What a sweep of the data found, in order; not all of it if there was more than was asked for. */
  public record Sweep(List<NotedChange> changes, boolean all) {
    public Sweep {
      changes = List.copyOf(changes);
    }
  }

  /**
   * The changes of this region's keys (and of others: look at the range) behind a place, as they are noted, the notes of the
   * regions it was cut from included. Complete down to the floor, which the caller looks at <em>after</em> reading.
   *
   * @param after first place that is not wanted any more
   * @param upTo last revision that is wanted; all up to it is applied
   * @return to be closed; empty if this store may lack notes (decision 9): then {@link #sweep} tells
   */
  public Optional<ChangeScan> changes(ChangePlace after, long upTo) {
    Lineage lineage = store.lineage(region.descriptor().id());
    if (after.revision() + 1 < lineage.completeFrom()) {
      return Optional.empty();
    }
    ChangeScan scan = new ChangeScan();
    for (Lineage.Ancestor ancestor : lineage.ancestors()) {
      if (ancestor.upTo() >= after.revision()) {
        scan.add(store, ancestor.region(), after, Math.min(upTo, ancestor.upTo()));
        // Asked after the iterator was made: what goes later, it still sees.
        if (!store.hasChangesSince(
            ancestor.region(), after.isEnd() ? after.revision() : after.revision() - 1)) {
          scan.close();
          return Optional.empty();
        }
      }
    }
    scan.add(store, region.descriptor().id(), after, upTo);
    return Optional.of(scan);
  }

  /**
   * The earliest changes of a range behind a place, found in the versions themselves. Reads the whole range.
   *
   * @param range inside the region's
   * @param max changes kept
   */
  public Sweep sweep(KeyRange range, ChangePlace after, long upTo, int max) {
    return VersionSweep.of(store, range, after, upTo, max);
  }
}
