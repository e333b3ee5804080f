package io.quorate.placement.registry;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one watcher of the region map has yet to be told: a listing of all regions, then the changes, of which only the
 * newest per region counts. When too many regions wait, the listing begins anew, so a slow watcher costs bounded memory and
 * misses nothing. Owned by the {@link RegistryHost}, used under its lock.
 */
final class WatchBuffer {
  private final int pendingMax;
  private final Map<RegionId, HeardRegion> pending = new LinkedHashMap<>();
  /** Where the listing goes on; null once it is through. */
  private @Nullable Bytes listingFrom = Bytes.EMPTY;

  /** @param pendingMax changed regions that may wait */
  WatchBuffer(int pendingMax) {
    this.pendingMax = pendingMax;
  }

  void offer(HeardRegion region) {
    RegionId id = region.descriptor().id();
    pending.remove(id);
    pending.put(id, region);
    if (pending.size() > pendingMax) {
      pending.clear();
      listingFrom = Bytes.EMPTY;
    }
  }

  /** The next regions to be told, at most so many; empty if there is nothing to tell. */
  List<HeardRegion> next(HeartbeatBook book, int max) {
    Bytes from = listingFrom;
    if (from != null) {
      List<HeardRegion> listed = book.regions(KeyRange.of(from, Bytes.EMPTY), max);
      Bytes end = listed.isEmpty()
          ? Bytes.EMPTY
          : listed.get(listed.size() - 1).descriptor().range().end();
      listingFrom = end.isEmpty() ? null : end;
      if (!listed.isEmpty()) {
        return listed;
      }
    }
    List<HeardRegion> taken = new ArrayList<>();
    Iterator<HeardRegion> waiting = pending.values().iterator();
    while (taken.size() < max && waiting.hasNext()) {
      taken.add(waiting.next());
      waiting.remove();
    }
    return taken;
  }
}
