package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.RegionId;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

class StoreHealthTest {
  /** A batch of one put into family 99, which no database here has: its write fails for good. */
  private static final byte[] UNWRITABLE = {
    0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 5, 99, 1, 'k', 1, 'v'
  };

  @TempDir
  Path directory;

  @Test
  void failedDiskIsToldAndStaysTold() {
    try (RaftDatabase database = open()) {
      StoreHealth health = new StoreHealth(database, Map::of);
      assertThat(health.failure()).isNotDone();
      try (WriteBatch batch = new WriteBatch(UNWRITABLE)) {
        assertThatThrownBy(() -> database.write(batch)).isInstanceOf(IllegalStateException.class);
      }
      assertThat(health.failure())
          .isCompletedWithValueMatching(why -> why.contains("write failed, this store stops"));
      assertThat(new StoreHealth(database, Map::of).failure())
          .as("whoever asks late")
          .isCompleted();
    }
  }

  @Test
  void stoppedRegionsAreNamedWhileTheStoreGoesOn() {
    Map<RegionId, String> stopped = new TreeMap<>();
    try (RaftDatabase database = open()) {
      StoreHealth health = new StoreHealth(database, () -> stopped);
      assertThat(health.detail()).isEmpty();
      stopped.put(new RegionId(4), "entry 9 is damaged");
      assertThat(health.detail()).isEqualTo("region 4 stopped here: entry 9 is damaged");
      for (int region = 10; region < 20; region++) {
        stopped.put(new RegionId(region), "x");
      }
      assertThat(health.detail())
          .contains("region 13 ")
          .doesNotContain("region 14 ")
          .endsWith("; and 6 more");
      assertThat(health.failure()).isNotDone();
    }
  }

  private RaftDatabase open() {
    return RaftDatabase.open(directory, List.of(), RaftDatabaseConfig.defaults());
  }
}
