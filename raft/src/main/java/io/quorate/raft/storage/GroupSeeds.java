package io.quorate.raft.storage;

import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** Which groups have Raft state in a database, how one comes in and how it goes; used by the host on any thread. */
public final class GroupSeeds {
  private final RaftDatabase database;

  public GroupSeeds(RaftDatabase database) {
    this.database = database;
  }

  /** Adds a group's first state to the caller's batch: its base, a log that begins after it, its term and no vote. */
  public void seed(WriteBatch batch, GroupSeed seed) {
    GroupId group = seed.group();
    if (seed.index() < 1 || seed.term() < 1) {
      throw new IllegalArgumentException("group=" + group + " seeded at index " + seed.index()
          + ", term " + seed.term() + ", both must be positive");
    }
    new SnapshotRecords(database)
        .put(
            batch,
            group,
            new SnapshotRecord(seed.index(), seed.term(), seed.membership(), Optional.empty()));
    byte[] bounds = RaftKeys.raft(group, RaftKeys.BOUNDS);
    byte[] hard = RaftKeys.raft(group, RaftKeys.HARD_STATE);
    try {
      batch.put(
          database.raftFamily(), bounds, SharedLogStorage.encodeBounds(bounds, seed.index() + 1));
      batch.put(database.raftFamily(), hard, HardState.unvoted(seed.term()).encode(hard));
    } catch (RocksDBException e) {
      throw new IllegalStateException("group=" + group + " not seeded", e);
    }
  }

  public boolean hasState(GroupId group) {
    try (RocksIterator records = database.db().newIterator(database.raftFamily())) {
      records.seek(RaftKeys.start(group));
      return database.isThere(records) && RaftKeys.getLong(records.key(), 0) == group.value();
    }
  }

  /** All groups with state, in order of their ids. */
  public List<GroupId> listGroups() {
    List<GroupId> groups = new ArrayList<>();
    try (RocksIterator records = database.db().newIterator(database.raftFamily())) {
      records.seekToFirst();
      while (database.isThere(records)) {
        GroupId group = new GroupId(RaftKeys.getLong(records.key(), 0));
        groups.add(group);
        records.seek(RaftKeys.end(group));
      }
    }
    return groups;
  }

  /** Adds to the caller's batch that a stopped group has nothing any more but its term and vote. */
  public void empty(WriteBatch batch, GroupId group) {
    delete(batch, group, true);
  }

  /** Adds the removal of a stopped group's log and Raft state to the caller's batch; a tombstone is the caller's. */
  public void delete(WriteBatch batch, GroupId group) {
    delete(batch, group, false);
  }

  private void delete(WriteBatch batch, GroupId group, boolean keepsPromises) {
    byte[] end = RaftKeys.end(group);
    try (RocksIterator records = database.db().newIterator(database.raftFamily())) {
      batch.deleteRange(database.logFamily(), RaftKeys.start(group), end);
      records.seek(RaftKeys.start(group));
      while (database.isThere(records) && RaftKeys.getLong(records.key(), 0) == group.value()) {
        byte[] key = records.key();
        if (!keepsPromises || key[RaftKeys.GROUP_BYTES] != RaftKeys.HARD_STATE) {
          batch.delete(database.raftFamily(), key);
        }
        records.next();
      }
    } catch (RocksDBException e) {
      throw new IllegalStateException("group=" + group + " not deleted", e);
    }
  }
}
