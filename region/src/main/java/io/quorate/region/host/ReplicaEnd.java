package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.raft.GroupId;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import io.quorate.region.storage.Tombstone;
import java.util.Optional;
import org.rocksdb.WriteBatch;

/**
 * The one write by which a replica goes from disk, its log with it. Not synced. Used by those who end replicas, which must have
 * been stopped.
 */
record ReplicaEnd(SharedStore store, RaftDatabase database, RaftHost raft) {
  /**
   * With all data that it has. Not if its range is another's by now: {@link io.quorate.region.storage.RegionStore#end} tells.
   *
   * @param range what it held; empty if nothing
   */
  void destroy(RegionId region, Optional<KeyRange> range, Tombstone tombstone) {
    try (WriteBatch batch = new WriteBatch()) {
      // What a failed install left lies in the ranges of its marker, not in that of a descriptor.
      store
          .replica(region)
          .filter(record -> record.state() == ReplicaRecord.State.INSTALLING)
          .ifPresent(half -> new RangeInstall(store, database).wipe(batch, region, half));
      store.destroy(batch, region, range, tombstone);
      raft.delete(batch, new GroupId(region.value()));
      database.write(batch);
    }
  }

  /** With what is left of it where its range is another's. */
  void deleteLog(RegionId region) {
    try (WriteBatch batch = new WriteBatch()) {
      store.endOfLog(batch, region);
      raft.delete(batch, new GroupId(region.value()));
      database.write(batch);
    }
  }
}
