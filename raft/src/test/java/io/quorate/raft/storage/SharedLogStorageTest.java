package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import io.quorate.raft.GroupId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedLogStorageTest {
  private static final GroupId GROUP = new GroupId(7);

  @TempDir
  Path directory;

  private RaftDatabase database;

  @BeforeEach
  void open() {
    database = LogFixture.open(directory);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static List<LogEntry> entries(long from, long to, long term) {
    return LongStream.rangeClosed(from, to)
        .mapToObj(index -> LogFixture.data(index, term))
        .toList();
  }

  @Test
  void anEmptyLogBeginsAtOneAndEndsAtNothing() {
    SharedLogStorage log = LogFixture.log(database, 7);
    assertThat(log.getFirstLogIndex()).isEqualTo(1);
    assertThat(log.getLastLogIndex()).isZero();
    assertThat(log.getEntry(1)).isNull();
  }

  @Test
  void aLogThatNeverHadAnEntryBeginsWhereTheFirstIsPut() {
    SharedLogStorage log = LogFixture.log(database, 7);
    assertThat(log.appendEntries(entries(100, 104, 3))).isEqualTo(5);
    assertThat(log.getFirstLogIndex()).isEqualTo(100);
    assertThat(LogFixture.log(database, 7).getFirstLogIndex()).isEqualTo(100);
    assertThat(LogFixture.log(database, 7).getLastLogIndex()).isEqualTo(104);
  }

  @Test
  void theFrontMayBeCutBeyondTheEnd() {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 10, 1));
    assertThat(log.truncatePrefix(1000)).isTrue();
    assertThat(log.getFirstLogIndex()).isEqualTo(1000);
    assertThat(log.getLastLogIndex()).isZero();
    assertThat(log.appendEntries(entries(1000, 1001, 2))).isEqualTo(2);
    assertThat(LogFixture.log(database, 7).getLastLogIndex()).isEqualTo(1001);
  }

  @Test
  void aGapIsABrokenInvariant() {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 10, 1));
    assertThatThrownBy(() -> log.appendEntries(entries(12, 12, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("group=7 append at 12");
  }

  @Test
  void aResetLeavesANoOpOfTermZeroForTheProcessAndAnEmptyLogForTheNext() {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 10, 1));
    assertThat(log.reset(50)).isTrue();
    assertThat(log.getFirstLogIndex()).isEqualTo(50);
    assertThat(log.getLastLogIndex()).isEqualTo(50);
    LogEntry left = Objects.requireNonNull(log.getEntry(50));
    assertThat(left.getType()).isEqualTo(EntryType.ENTRY_TYPE_NO_OP);
    assertThat(left.getId().getTerm()).isZero();

    SharedLogStorage reopened = LogFixture.log(database, 7);
    assertThat(reopened.getFirstLogIndex()).isEqualTo(50);
    assertThat(reopened.getLastLogIndex()).isZero();

    log.appendEntries(entries(50, 50, 4));
    assertThat(Objects.requireNonNull(log.getEntry(50)).getId().getTerm()).isEqualTo(4);
  }

  @Test
  void aResetToAnEntryItHasKeepsItInSight() {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 10, 3));
    log.reset(5);
    assertThat(log.getFirstLogIndex()).isEqualTo(5);
    assertThat(log.getLastLogIndex()).isEqualTo(5);
    assertThat(Objects.requireNonNull(log.getEntry(5)).getId().getTerm()).isEqualTo(3);
  }

  @Test
  void aDamagedRecordIsFoundOutAndReported() throws Exception {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 20, 1));
    byte[] key = RaftKeys.log(GROUP, 3);
    byte[] value = database.db().get(database.logFamily(), key);
    value[value.length - 1] ^= 1;
    database.db().put(database.logFamily(), key, value);
    List<String> reports = new ArrayList<>();
    log.onDamage(reports::add);
    assertThatThrownBy(() -> log.getEntry(3))
        .isInstanceOf(LogEntryCorruptedException.class)
        .hasMessageContaining("group=7 log entry 3: record damaged");
    assertThat(reports).hasSize(1);
    assertThat(log.getEntry(4)).isNotNull();
  }

  @Test
  void aRecordUnderAnothersKeyIsFoundOut() throws Exception {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 20, 1));
    byte[] value = database.db().get(database.logFamily(), RaftKeys.log(GROUP, 4));
    database.db().put(database.logFamily(), RaftKeys.log(GROUP, 3), value);
    assertThatThrownBy(() -> log.getEntry(3)).isInstanceOf(LogEntryCorruptedException.class);
  }

  @Test
  void aMissingRecordIsFoundOut() throws Exception {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 20, 1));
    database.db().delete(database.logFamily(), RaftKeys.log(GROUP, 3));
    assertThatThrownBy(() -> log.getEntry(3))
        .isInstanceOf(LogEntryCorruptedException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void anUnknownFormatIsRefused() throws Exception {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(entries(1, 20, 1));
    byte[] value = database.db().get(database.logFamily(), RaftKeys.log(GROUP, 3));
    value[0] = 9;
    database.db().put(database.logFamily(), RaftKeys.log(GROUP, 3), value);
    assertThatThrownBy(() -> log.getEntry(3)).hasMessageContaining("record of format 9");
  }

  @Test
  void readersDoNotDisturbEachOtherByMovingPositions() {
    SharedLogStorage log = LogFixture.log(database, 7);
    LogEntry entry = LogFixture.data(1, 1);
    int length = entry.getData().remaining();
    log.appendEntries(List.of(entry));
    entry.getData().position(length);
    LogEntry one = Objects.requireNonNull(log.getEntry(1));
    one.getData().position(length);
    assertThat(Objects.requireNonNull(log.getEntry(1)).getData().remaining()).isEqualTo(length);
  }

  @Test
  void appendedBytesGrow() {
    SharedLogStorage log = LogFixture.log(database, 7);
    log.appendEntries(List.of(LogFixture.data(1, 1, new byte[1000])));
    assertThat(log.appendedBytes()).isBetween(1000L, 1200L);
  }
}
