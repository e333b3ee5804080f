package io.quorate.raft.storage;

import io.quorate.raft.GroupId;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Keeps each group's {@link SnapshotRecord} in family {@code raft}; used by the host on any thread. */
public final class SnapshotRecords {
  private final RaftDatabase database;

  public SnapshotRecords(RaftDatabase database) {
    this.database = database;
  }

  public Optional<SnapshotRecord> read(GroupId group) {
    byte[] key = RaftKeys.raft(group, RaftKeys.SNAPSHOT);
    return database.get(database.raftFamily(), key).map(value -> SnapshotRecord.decode(key, value));
  }

  /** Adds the record to the caller's batch, to become durable with what it says. */
  public void put(WriteBatch batch, GroupId group, SnapshotRecord snapshot) {
    byte[] key = RaftKeys.raft(group, RaftKeys.SNAPSHOT);
    try {
      batch.put(database.raftFamily(), key, snapshot.encode(key));
    } catch (RocksDBException e) {
      throw new IllegalStateException("group=" + group + " snapshot record not put", e);
    }
  }

  /** Writes the record behind everything written before; durable on return. */
  public void save(GroupId group, SnapshotRecord snapshot) {
    byte[] key = RaftKeys.raft(group, RaftKeys.SNAPSHOT);
    byte[] value = snapshot.encode(key);
    database
        .logWriter()
        .append(new BatchBytes(value.length + 64).put(database.raftFamily().getID(), key, value));
  }
}
