package io.quorate.region.storage;

import io.quorate.region.command.PastWrite;
import io.quorate.region.command.WriteName;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a region's newest writes, in memory: most lookups end here, without the disk. Owned by the region's state, used on
 * its apply thread only. What is not here may be on disk, what is here may not be there yet.
 */
final class RecentNames {
  /** Names kept; as many writes of a region as may well be under way at the same time. */
  static final int LIMIT = 512;

  private record Key(long client, long sequence) {}

  private final Map<Key, PastWrite> known = new LinkedHashMap<>();
  private long since;
  private long stamp = -1;
  private long version = -1;

  /**
   * Before commands are judged. If the region is not as the last write left it, another replica's work or a neighbour's keys came
   * in: what is here is not all then, and is forgotten.
   *
   * @param lastStamp the region's
   * @param epochVersion the region's
   */
  void open(long lastStamp, long epochVersion) {
    if (stamp != lastStamp || version != epochVersion) {
      known.clear();
      since = lastStamp;
      stamp = lastStamp;
      version = epochVersion;
    }
  }

  /** All names of writes after this revision are here. */
  long since() {
    return since;
  }

  Optional<PastWrite> find(WriteName name) {
    return Optional.ofNullable(known.get(new Key(name.client(), name.sequence())));
  }

  /** Names come in the order of their revisions. */
  void note(WriteName name, PastWrite write) {
    known.put(new Key(name.client(), name.sequence()), write);
    // Until it is written nobody can go on from here.
    stamp = -1;
  }

  /** What was noted is on disk now. */
  void written(long lastStamp) {
    stamp = lastStamp;
    Iterator<PastWrite> oldest = known.values().iterator();
    while (known.size() > LIMIT) {
      since = oldest.next().revision();
      oldest.remove();
    }
  }
}
