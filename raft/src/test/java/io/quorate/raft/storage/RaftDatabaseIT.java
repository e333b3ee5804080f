package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.PeerId;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

@Timeout(60)
class RaftDatabaseIT {
  private static final int APPENDERS = 64;
  private static final int ROUNDS = 20;
  private static final int NO_FAMILY = 99;

  @TempDir
  Path directory;

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatWasAcknowledgedSurvivesAKillAndWhatWasWrittenBeforeItToo() throws Exception {
    Path killed = directory.resolve("killed");
    Path copy = directory.resolve("copy");
    try (RaftDatabase database = RaftDatabase.open(
        killed, List.of(FamilySpec.plain("data")), RaftDatabaseConfig.defaults())) {
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(database.family("data"), utf8("applied"), utf8("41"));
        database.write(batch);
      }
      for (long group = 1; group <= 10; group++) {
        SharedLogStorage log = LogFixture.log(database, group);
        log.appendEntries(
            List.of(LogFixture.data(1, 1), LogFixture.data(2, 1), LogFixture.data(3, 1)));
        log.truncatePrefix(2);
        log.truncateSuffix(2);
        SharedMetaStorage meta =
            new SharedMetaStorage(database, new GroupId(group), LogFixture.PEERS);
        meta.setTermAndVotedFor(group, LogFixture.PEERS.toPeer(new ReplicaId(2, 5)));
      }
      LogFixture.copy(killed, copy);
    }
    try (RaftDatabase database =
        RaftDatabase.open(copy, List.of(FamilySpec.plain("data")), RaftDatabaseConfig.defaults())) {
      assertThat(database.db().get(database.family("data"), utf8("applied"))).isEqualTo(utf8("41"));
      for (long group = 1; group <= 10; group++) {
        SharedLogStorage log = LogFixture.log(database, group);
        assertThat(log.getFirstLogIndex()).isEqualTo(2);
        assertThat(log.getLastLogIndex()).isEqualTo(2);
        assertThat(log.getEntry(2)).isEqualTo(LogFixture.data(2, 1));
        SharedMetaStorage meta =
            new SharedMetaStorage(database, new GroupId(group), LogFixture.PEERS);
        meta.load();
        assertThat(meta.getTerm()).isEqualTo(group);
        assertThat(meta.getVotedFor()).isEqualTo(LogFixture.PEERS.toPeer(new ReplicaId(2, 5)));
      }
    }
  }

  @Test
  void appendsOfManyGroupsShareSyncs() throws Exception {
    try (RaftDatabase database = LogFixture.open(directory)) {
      CountDownLatch start = new CountDownLatch(1);
      AtomicInteger failures = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 1; i <= APPENDERS; i++) {
        SharedLogStorage log = LogFixture.log(database, i);
        threads.add(appender(start, failures, () -> {
          for (int round = 1; round <= ROUNDS; round++) {
            log.appendEntries(List.of(LogFixture.data(round, 1)));
          }
        }));
      }
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).hasValue(0);
      LogWriter.Stats stats = database.logWriter().stats();
      assertThat(stats.appends()).isEqualTo(APPENDERS * ROUNDS);
      assertThat(stats.syncs()).isLessThan(stats.appends() / 4);
      for (int i = 1; i <= APPENDERS; i++) {
        assertThat(LogFixture.log(database, i).getLastLogIndex()).isEqualTo(ROUNDS);
      }
    }
  }

  @Test
  void aLoneAppenderWritesByItself() throws Exception {
    try (RaftDatabase database = LogFixture.open(directory)) {
      SharedLogStorage log = LogFixture.log(database, 1);
      log.appendEntries(List.of(LogFixture.data(1, 1)));
      Thread writer = Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread.getName().startsWith("raft-log-writer-"))
          .findFirst()
          .orElseThrow();
      while (writer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      long waits = waits(writer);
      for (int index = 2; index <= ROUNDS; index++) {
        log.appendEntries(List.of(LogFixture.data(index, 1)));
      }
      assertThat(waits(writer)).as("the writer's thread was not woken").isEqualTo(waits);
      LogWriter.Stats stats = database.logWriter().stats();
      assertThat(stats.syncs()).isEqualTo(stats.appends()).isEqualTo(ROUNDS);
    }
    try (RaftDatabase database = LogFixture.open(directory)) {
      assertThat(LogFixture.log(database, 1).getLastLogIndex()).isEqualTo(ROUNDS);
    }
  }

  private static long waits(Thread thread) {
    return ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId()).getWaitedCount();
  }

  @Test
  void appendersWaitWhenTooManyBytesWaitAndAnOversizedBatchStillGetsThrough() throws Exception {
    RaftDatabaseConfig tight = RaftDatabaseConfig.defaults().withCommit(1000, 2000);
    try (RaftDatabase database = RaftDatabase.open(directory, List.of(), tight)) {
      CountDownLatch start = new CountDownLatch(1);
      AtomicInteger failures = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 1; i <= 16; i++) {
        SharedLogStorage log = LogFixture.log(database, i);
        int size = i == 16 ? 100_000 : 900;
        threads.add(appender(start, failures, () -> {
          for (int round = 1; round <= ROUNDS; round++) {
            log.appendEntries(List.of(LogFixture.data(round, 1, new byte[size])));
          }
        }));
      }
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).hasValue(0);
      assertThat(database.logWriter().stats().appends()).isEqualTo(16 * ROUNDS);
    }
  }

  @Test
  void aFailedWriteIsFinalForEveryGroupAndTheOwnerIsToldOnce() throws Exception {
    try (RaftDatabase database = LogFixture.open(directory)) {
      ConcurrentLinkedQueue<String> reports = new ConcurrentLinkedQueue<>();
      CountDownLatch told = new CountDownLatch(1);
      database.onFailure(reason -> {
        reports.add(reason);
        told.countDown();
      });
      SharedLogStorage log = LogFixture.log(database, 1);
      SharedMetaStorage meta = new SharedMetaStorage(database, new GroupId(1), LogFixture.PEERS);
      assertThat(log.appendEntries(List.of(LogFixture.data(1, 1)))).isEqualTo(1);
      assertThatThrownBy(() -> database
              .logWriter()
              .append(new BatchBytes(0).put(NO_FAMILY, utf8("key"), utf8("value"))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("log write failed, this store stops");
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();

      assertThat(log.appendEntries(List.of(LogFixture.data(2, 1))))
          .as("jraft stops the group on 0")
          .isZero();
      assertThat(log.getLastLogIndex()).isEqualTo(1);
      assertThatThrownBy(() -> meta.setTermAndVotedFor(2, PeerId.emptyPeer()))
          .isInstanceOf(IllegalStateException.class);
      assertThat(meta.getTerm()).isZero();
      assertThat(meta.promisedTerm())
          .as("a promise that may have reached the disk counts")
          .isEqualTo(2);
      try (WriteBatch batch = new WriteBatch()) {
        assertThatThrownBy(() -> database.write(batch)).isInstanceOf(IllegalStateException.class);
      }
      assertThat(reports).hasSize(1);
    }
  }

  @Test
  void aSecondUserOfTheDirectoryIsRefusedInOneLine() {
    try (RaftDatabase database = LogFixture.open(directory)) {
      assertThat(database.db()).isNotNull();
      assertThatThrownBy(() -> LogFixture.open(directory))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("data directory " + directory + " is in use by another process");
    }
  }

  @Test
  void aFamilyThatNobodyAskedForIsRefused() {
    RaftDatabase.open(directory, List.of(FamilySpec.plain("newer")), RaftDatabaseConfig.defaults())
        .close();
    assertThatThrownBy(() -> LogFixture.open(directory))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("family newer");
  }

  @Test
  void propertiesCountTheWork() {
    try (RaftDatabase database = LogFixture.open(directory)) {
      LogFixture.log(database, 1).appendEntries(List.of(LogFixture.data(1, 1)));
      Map<String, Long> properties = database.properties();
      assertThat(properties).containsEntry("log.appends", 1L).containsEntry("log.syncs", 1L);
      assertThat(properties).containsKeys("rocksdb.block-cache-usage", "raft.live-sst-files-size");
    }
  }

  private static Thread appender(CountDownLatch start, AtomicInteger failures, Runnable work) {
    Thread thread = new Thread(() -> {
      try {
        start.await();
        work.run();
      } catch (InterruptedException | RuntimeException e) {
        failures.incrementAndGet();
      }
    });
    thread.start();
    return thread;
  }
}
