package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.Keyspace;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Finds single keys' versions by one filtered seek each, in the state as of its making. One thread; close it. */
final class PointLookup implements AutoCloseable {
  private final RocksIterator versions;

  PointLookup(SharedStore store) {
    versions = store.db().newIterator(store.data(), store.pointOptions());
  }

  /**
   * The newest version not above the revision; NONE if there is none.
   *
   * @param value whether its value is wanted
   */
  Version at(Bytes key, long revision, boolean value) {
    byte[] place = VersionKey.seek(Keyspace.USER, key, revision);
    versions.seek(place);
    if (versions.isValid()) {
      byte[] found = versions.key();
      return VersionKey.sameKey(place, found)
          ? VersionRecord.decode(found, versions.value(), value)
          : Version.NONE;
    }
    try {
      versions.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading key " + key, e);
    }
    return Version.NONE;
  }

  @Override
  public void close() {
    versions.close();
  }
}
