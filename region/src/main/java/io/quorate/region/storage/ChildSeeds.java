package io.quorate.region.storage;

import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import org.rocksdb.WriteBatch;

/** What a split needs of the log's side of this store. Called on apply threads. */
public interface ChildSeeds {
  /** This store. */
  StoreId self();

  /** Whether a replica of the group is here, be it an empty one. */
  boolean isHere(GroupId group);

  /** Adds a group's first state to the batch. */
  void seed(WriteBatch batch, GroupSeed seed);
}
