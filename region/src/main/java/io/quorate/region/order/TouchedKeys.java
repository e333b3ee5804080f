package io.quorate.region.order;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The union of what a batch of writes may change, indexed when first asked about. Owned by one thread at a time. */
public final class TouchedKeys {
  private final List<Footprint> footprints;
  private @Nullable NavigableSet<Bytes> keys;
  private List<KeyRange> ranges = List.of();

  /**
   * @param footprints of the writes; not copied, must not change any more
   */
  public TouchedKeys(List<Footprint> footprints) {
    this.footprints = footprints;
  }

  /** Whether a write of the batch may change anything that the reader looks at. */
  public boolean intersects(Footprint reader) {
    NavigableSet<Bytes> index = index();
    for (Bytes key : reader.keys()) {
      if (index.contains(key) || inRanges(key)) {
        return true;
      }
    }
    for (KeyRange range : reader.ranges()) {
      Bytes next = index.ceiling(range.start());
      if ((next != null && range.contains(next)) || overlapsRanges(range)) {
        return true;
      }
    }
    return false;
  }

  private boolean inRanges(Bytes key) {
    for (KeyRange range : ranges) {
      if (range.contains(key)) {
        return true;
      }
    }
    return false;
  }

  private boolean overlapsRanges(KeyRange range) {
    for (KeyRange mine : ranges) {
      if (mine.overlaps(range)) {
        return true;
      }
    }
    return false;
  }

  private NavigableSet<Bytes> index() {
    NavigableSet<Bytes> index = keys;
    if (index == null) {
      index = new TreeSet<>();
      ranges = new ArrayList<>();
      for (Footprint footprint : footprints) {
        index.addAll(footprint.keys());
        ranges.addAll(footprint.ranges());
      }
      keys = index;
    }
    return index;
  }
}
