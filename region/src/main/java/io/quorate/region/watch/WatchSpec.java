package io.quorate.region.watch;

import io.quorate.model.KeyRange;
import io.quorate.region.storage.NotedChange;

/**
 * What one watcher wants to hear of. Pure.
 *
 * @param id names it on its connection
 * @param range inside one region
 * @param start first revision wanted, at least 1
 * @param noPut leave puts out
 * @param noDelete leave deletions out
 * @param previous with each event the version before
 * @param resumed the watcher has seen all before the start
 * @param anyReplica it need not be the region's leader that serves it
 */
public record WatchSpec(
    long id,
    KeyRange range,
    long start,
    boolean noPut,
    boolean noDelete,
    boolean previous,
    boolean resumed,
    boolean anyReplica) {
  /** Of one that wants the leader. */
  public WatchSpec(
      long id,
      KeyRange range,
      long start,
      boolean noPut,
      boolean noDelete,
      boolean previous,
      boolean resumed) {
    this(id, range, start, noPut, noDelete, previous, resumed, /* anyReplica= */ false);
  }

  /** Whether a change is one to be told. */
  public boolean wants(NotedChange change) {
    return wants(change.revision(), change.delete()) && range.contains(change.key());
  }

  /** The same, of a change whose key is in the range. */
  boolean wants(long revision, boolean delete) {
    return revision >= start && !(delete ? noDelete : noPut);
  }
}
