package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.LogEntry;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;

/**
 * Real files, damaged: the database opens with every entry and vote that was acknowledged, or it does not open and says what
 * to do. What a crash leaves half written behind the last sync opens always.
 */
@Timeout(300)
class WalDamageIT {
  private static final int PLACES = 60;
  private static final int GROUPS = 3;
  private static final int ENTRIES = 120;

  @TempDir
  Path directory;

  private final Random random = new Random(7);
  private Path image;

  private interface Damage {
    void to(RandomAccessFile file, long size) throws IOException;
  }

  /** A store with acknowledged entries, as a killed process leaves it; nothing follows the last sync. */
  @BeforeEach
  void write() throws Exception {
    Path live = directory.resolve("live");
    image = directory.resolve("image");
    try (RaftDatabase database = LogFixture.open(live)) {
      for (int index = 1; index <= ENTRIES; index++) {
        for (long group = 1; group <= GROUPS; group++) {
          log(database, group).appendEntries(List.of(entry(index)));
        }
      }
      for (long group = 1; group <= GROUPS; group++) {
        new SharedMetaStorage(database, new GroupId(group), LogFixture.PEERS)
            .setTermAndVotedFor(9, LogFixture.PEERS.toPeer(new ReplicaId(2, 5)));
      }
      LogFixture.copy(live, image);
    }
  }

  private SharedLogStorage log(RaftDatabase database, long group) {
    return LogFixture.log(database, group);
  }

  /** Some span several of the log's blocks of 32 KiB. */
  private static LogEntry entry(long index) {
    byte[] bytes = new byte[index % 20 == 0 ? 50_000 : 300];
    new Random(index).nextBytes(bytes);
    return LogFixture.data(index, 1, bytes);
  }

  private static void assertWhole(RaftDatabase database) {
    for (long group = 1; group <= GROUPS; group++) {
      SharedLogStorage log = LogFixture.log(database, group);
      assertThat(log.getLastLogIndex()).isEqualTo(ENTRIES);
      for (int index = 1; index <= ENTRIES; index++) {
        assertThat(log.getEntry(index)).isEqualTo(entry(index));
      }
      SharedMetaStorage meta =
          new SharedMetaStorage(database, new GroupId(group), LogFixture.PEERS);
      meta.load();
      assertThat(meta.getTerm()).isEqualTo(9);
    }
  }

  private static Path newest(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  private Path damaged(String suffix, Damage damage) throws IOException {
    Path copy = Files.createTempDirectory(directory, "damaged");
    LogFixture.copy(image, copy);
    try (RandomAccessFile file = new RandomAccessFile(newest(copy, suffix).toFile(), "rw")) {
      damage.to(file, file.length());
    }
    return copy;
  }

  private static void assertRefused(Path copy) {
    assertThatThrownBy(() -> LogFixture.open(copy).close())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(copy.toString())
        .hasMessageContaining("start with an empty")
        .satisfies(
            refusal -> assertThat(String.valueOf(refusal.getMessage()).lines()).hasSize(1));
  }

  /** @return whether it opened, whole */
  private static boolean openedWhole(Path copy) {
    try (RaftDatabase database = LogFixture.open(copy)) {
      assertWhole(database);
      return true;
    } catch (IllegalStateException refusal) {
      assertRefused(copy);
      return false;
    }
  }

  private void everywhere(Damage damage) throws IOException {
    int refused = 0;
    for (int place = 0; place < PLACES; place++) {
      refused += openedWhole(damaged(".log", damage)) ? 0 : 1;
    }
    assertThat(refused).isPositive();
  }

  @Test
  void bitThatTurnedIsNoticed() throws Exception {
    everywhere((file, size) -> {
      long at = random.nextLong(size);
      file.seek(at);
      int old = file.read();
      file.seek(at);
      file.write(old ^ 1 << random.nextInt(8));
    });
  }

  @Test
  void pageThatIsGoneIsNoticed() throws Exception {
    everywhere((file, size) -> {
      long at = random.nextLong(size) / 4096 * 4096;
      file.seek(at);
      file.write(new byte[(int) Math.min(4096, size - at)]);
    });
  }

  @Test
  void cutIsNoticed() throws Exception {
    everywhere((file, size) -> file.setLength(random.nextLong(size)));
  }

  @Test
  void refusalStaysWhenItIsAskedAgain() throws Exception {
    Path copy = damaged(".log", (file, size) -> file.setLength(size / 2));
    assertRefused(copy);
    assertRefused(copy);
  }

  @Test
  void lossOfTheNewestLogFileIsNoticed() throws Exception {
    Path copy = damaged(".log", (file, size) -> {});
    Files.delete(newest(copy, ".log"));
    assertRefused(copy);
  }

  @Test
  void whatACrashLeavesHalfWrittenIsNoDamage() throws Exception {
    List<Damage> tails = new ArrayList<>();
    for (int length : new int[] {1, 7, 100, 5_000, 40_000}) {
      byte[] garbage = new byte[length];
      random.nextBytes(garbage);
      tails.add((file, size) -> append(file, size, garbage));
      tails.add((file, size) -> append(file, size, new byte[length]));
    }
    for (Damage tail : tails) {
      assertThat(openedWhole(damaged(".log", tail))).isTrue();
    }
  }

  private static void append(RandomAccessFile file, long size, byte[] bytes) throws IOException {
    file.seek(size);
    file.write(bytes);
  }

  @Test
  void noteThatIsDamagedIsNoticed() throws Exception {
    assertRefused(damaged(DurableNote.FILE, (file, size) -> {
      file.seek(3);
      file.write(0x5a);
    }));
  }

  @Test
  void dataFileThatIsDamagedStopsTheStoreInWords() throws Exception {
    Path copy = directory.resolve("copy");
    LogFixture.copy(image, copy);
    try (RaftDatabase database = LogFixture.open(copy);
        FlushOptions now = new FlushOptions()) {
      database.db().flush(now, database.logFamily());
    }
    Path data;
    try (Stream<Path> files = Files.list(copy)) {
      data = files
          .filter(file -> file.toString().endsWith(".sst"))
          .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
          .orElseThrow();
    }
    try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
      for (long at = 500; at < file.length() / 2; at += 1_000) {
        file.seek(at);
        file.write(random.nextInt(256));
      }
    }
    try (RaftDatabase database = LogFixture.open(copy)) {
      List<String> told = new ArrayList<>();
      database.onFailure(told::add);
      assertThatThrownBy(() -> {
            // Not even the newest entry's index may be guessed from what is readable.
            SharedLogStorage log = LogFixture.log(database, 1);
            for (int index = 1; index <= ENTRIES; index++) {
              assertThat(log.getEntry(index)).isEqualTo(entry(index));
            }
          })
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("this store stops")
          .hasMessageContaining("checksum");
      assertThat(told).hasSize(1);
    }
  }
}
