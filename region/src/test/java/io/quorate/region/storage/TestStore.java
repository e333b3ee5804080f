package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.WriteBatch;

/** A shared store on a real database in a directory, for tests; can be reopened in place. */
public final class TestStore implements AutoCloseable {
  private final Path directory;
  private final SharedStoreConfig config;
  private RaftDatabase database;
  private SharedStore store;

  public TestStore(Path directory, SharedStoreConfig config) {
    this.directory = directory;
    this.config = config;
    this.database =
        RaftDatabase.open(directory, SharedStore.families(), RaftDatabaseConfig.defaults());
    this.store = SharedStore.on(database, config);
  }

  public SharedStore store() {
    return store;
  }

  public RaftDatabase database() {
    return database;
  }

  /** What a restart of the process does. */
  public void reopen() {
    close();
    database = RaftDatabase.open(directory, SharedStore.families(), RaftDatabaseConfig.defaults());
    store = SharedStore.on(database, config);
  }

  /** Forgets all that is in memory but keeps the database open: a restart, as far as a region can tell. */
  public void forget() {
    store.close();
    store = SharedStore.on(database, config);
  }

  /** Creates a region whose log begins after (1, 1). */
  public RegionStore create(long region, KeyRange range) {
    RegionDescriptor descriptor = new RegionDescriptor(
        new RegionId(region), range, RegionEpoch.FIRST, List.of(Peer.voter(1, region)));
    try (WriteBatch batch = new WriteBatch()) {
      store.create(batch, descriptor, 1, 1);
      database.write(batch);
    }
    return store.open(descriptor.id());
  }

  @Override
  public void close() {
    store.close();
    database.close();
  }
}
