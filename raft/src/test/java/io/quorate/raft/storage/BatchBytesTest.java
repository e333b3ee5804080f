package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.WriteBatch;

class BatchBytesTest {
  @TempDir
  Path directory;

  /** The layout is RocksDB's own and not part of its API: a new version that changes it fails here. */
  @Test
  void recordsAreByteForByteWhatRocksDbMakesOfThem() throws Exception {
    try (RaftDatabase database = RaftDatabase.open(
            directory, List.of(FamilySpec.plain("data")), RaftDatabaseConfig.defaults());
        WriteBatch expected = new WriteBatch()) {
      BatchBytes batch = new BatchBytes(0);
      Random random = new Random(7);
      for (String name : List.of("log", "raft", "data")) {
        ColumnFamilyHandle family = database.family(name);
        for (int length : new int[] {0, 1, 127, 128, 16383, 16384, 70_000}) {
          byte[] key = new byte[1 + length / 100];
          byte[] value = new byte[length];
          random.nextBytes(key);
          random.nextBytes(value);
          expected.put(family, key, value);
          batch.put(family.getID(), key, value);
          expected.delete(family, key);
          batch.delete(family.getID(), key);
          expected.deleteRange(family, new byte[] {1}, key);
          batch.deleteRange(family.getID(), new byte[] {1}, key);
        }
      }
      byte[] whole = new byte[BatchBytes.HEADER + batch.length()];
      BatchBytes.header(whole, batch.records());
      batch.copyTo(whole, BatchBytes.HEADER);
      assertThat(whole).isEqualTo(expected.data());
    }
  }
}
