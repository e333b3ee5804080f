package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;

/** Where versions are read from: the store, or pending writes over another source. */
public interface VersionSource {
  /** Stands for "the newest" where a revision is asked for. */
  long NEWEST = Long.MAX_VALUE;

  /** The newest version of the key, a tombstone if it was deleted, {@link Version#NONE} if there is none. */
  Version newest(Bytes key);

  /** As {@link #newest}, for askers that do not look at the value, which may be missing. */
  default Version head(Bytes key) {
    return newest(key);
  }

  /** The newest version with a mod revision not above the given one; tombstone or NONE as above. */
  Version at(Bytes key, long revision);

  /**
   * Walks the keys of the range as of the revision, those deleted then possibly included.
   *
   * @param values whether values are wanted
   */
  KeyWalk walk(KeyRange range, long revision, boolean values);
}
