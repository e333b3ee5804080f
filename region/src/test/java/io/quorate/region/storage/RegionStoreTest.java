package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Keyspace;
import io.quorate.model.RegionId;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Put;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.VersionKey;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

final class RegionStoreTest {
  private static final Bytes KEY = Bytes.utf8("k");

  @TempDir
  private Path directory;

  private TestStore store;
  private RegionStore region;

  @BeforeEach
  void open() {
    store = new TestStore(directory, SharedStoreConfig.defaults());
    region = store.create(7, KeyRange.ALL);
    put(2, 5, "value");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void put(long index, long revision, String value) {
    put(region, index, revision, value);
  }

  private static void put(RegionStore region, long index, long revision, String value) {
    try (ApplySession session = region.begin()) {
      Stamped put = new Stamped(revision, 1, WriteName.NONE, Put.of(KEY, Bytes.utf8(value)));
      session.apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)));
      session.commit();
    }
  }

  private void overwrite(String family, byte[] key, int at) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      byte[] record = store.database().db().get(store.database().family(family), key);
      record[at] ^= 4;
      batch.put(store.database().family(family), key, record);
      store.database().write(batch);
    }
    store.forget();
  }

  @Test
  void aDamagedVersionIsNeverServed() throws RocksDBException {
    overwrite("data", VersionKey.encode(Keyspace.USER, KEY, 5, 0, false), 12);
    region = store.store().open(new RegionId(7));
    assertThatThrownBy(() -> region.newest(KEY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("damaged version record of key k: checksum differs");
  }

  @Test
  void aRegionWithADamagedPositionDoesNotOpen() throws RocksDBException {
    overwrite("meta", RegionMeta.key(RegionMeta.APPLIED, new RegionId(7)), 1);
    assertThatThrownBy(() -> store.store().open(new RegionId(7)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("damaged applied position");
  }

  @Test
  void aRegionThatIsNotHereDoesNotOpen() {
    assertThatThrownBy(() -> store.store().open(new RegionId(8)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("region 8 has no descriptor in this store");
  }

  @Test
  void anEntryIsNotAppliedTwice() {
    try (ApplySession session = region.begin()) {
      LogCommands nothing = LogCommands.of(region.descriptor().epoch(), List.of());
      assertThatThrownBy(() -> session.apply(2, 1, nothing))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("region 7 is asked to apply 2 after 2");
    }
  }

  @Test
  void aSessionThatIsNotCommittedNeverHappened() {
    try (ApplySession session = region.begin()) {
      Stamped put = new Stamped(6, 1, WriteName.NONE, Put.of(KEY, Bytes.utf8("other")));
      session.apply(3, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)));
      assertThat(session.newest(KEY).value()).isEqualTo(Bytes.utf8("other"));
    }
    assertThat(region.newest(KEY).value()).isEqualTo(Bytes.utf8("value"));
    assertThat(region.appliedIndex()).isEqualTo(2);
    assertThat(region.lastStamp()).isEqualTo(5);
  }

  @Test
  void everyChangeIsNotedUnderItsRevision() throws RocksDBException {
    byte[] record = store
        .database()
        .db()
        .get(store.database().family("changes"), ChangeRecord.key(new RegionId(7), 5, 0));
    assertThat(ChangeRecord.decode(record)).isEqualTo(new ChangeRecord.Change(KEY, false));
  }

  @Test
  void aFillThatWasOvertakenByApplyIsDropped() {
    ApplySequence sequence = new ApplySequence();
    NewestCache cache = new NewestCache(1 << 20);
    long before = sequence.mark();
    sequence.begin();
    long during = sequence.mark();
    assertThat(sequence.isUnchanged(before)).isFalse();
    assertThat(sequence.isUnchanged(during)).isFalse();
    sequence.end();
    cache.fill(KEY, region.newest(KEY), () -> sequence.isUnchanged(before));
    cache.fill(KEY, region.newest(KEY), () -> sequence.isUnchanged(during));
    assertThat(cache.get(KEY)).isNull();
    long after = sequence.mark();
    cache.fill(KEY, region.newest(KEY), () -> sequence.isUnchanged(after));
    assertThat(cache.get(KEY)).isEqualTo(region.newest(KEY));
  }

  /** soak-watch, seed 2101: between the write and the word to the cache, a reader of the notes stopped the replica. */
  @Test
  void whatIsNotedIsFoundAlsoBeforeTheCacheHoldsIt() {
    assertThat(region.newest(KEY).modRevision()).isEqualTo(5);
    try (SharedStore another = SharedStore.on(store.database(), SharedStoreConfig.defaults())) {
      put(another.open(new RegionId(7)), 3, 9, "new");
    }
    assertThat(region.newest(KEY).modRevision())
        .as("the cache knows nothing of it")
        .isEqualTo(5);
    NotedChange noted = new NotedChange(new ChangePlace(9, 0), KEY, false);
    assertThat(region.noted(noted).modRevision()).isEqualTo(9);
    assertThat(region.noted(noted).value()).isEqualTo(Bytes.utf8("new"));
  }

  @Test
  void removedRegionsAreRemembered() {
    assertThat(store.store().tombstone(new RegionId(7))).isEmpty();
    assertThat(store.store().tombstones()).isEmpty();
    assertThat(store.store().regions()).containsExactly(region.descriptor());
    assertThat(region.approximateBytes()).isNotNegative();
  }
}
