package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Put;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.RangeSnapshot;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import io.quorate.region.storage.Tombstone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/** What a crash or a failure leaves of a replica on its way in or out, and what becomes of it; on a real database. */
class ReplicaLifeTest {
  static final RegionId REGION = new RegionId(7);
  static final GroupId GROUP = new GroupId(7);
  static final ReplicaId SELF = new ReplicaId(1, 7);
  static final KeyRange RANGE = KeyRange.of(Bytes.utf8("k"), Bytes.utf8("q"));
  private static final KeyRange NEIGHBOUR = KeyRange.of(Bytes.utf8("q"), Bytes.EMPTY);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  /** A process that dies as soon as it has applied its removal: nobody acts on it. */
  static final class Deaf implements ReplicaMachine.Fate {
    private int removals;

    @Override
    public void filled(ReplicaMachine machine) {}

    @Override
    public void removed(ReplicaMachine machine, long membership) {
      removals++;
    }

    @Override
    public void failed(ReplicaMachine machine) {}

    @Override
    public void broken(ReplicaMachine machine) {}

    @Override
    public void damaged(ReplicaMachine machine, String reason) {}
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void removalCutShortByACrashIsFinishedAtTheStart(boolean descriptorKnew) {
    try (TestStore disk = open()) {
      try (RaftHost raft = raft(disk)) {
        make(disk, raft);
      }
      if (descriptorKnew) {
        Deaf deaf = new Deaf();
        machine(disk, deaf).onMembership(5, 2, Membership.ofVoters(List.of(new ReplicaId(2, 8))));
        assertThat(deaf.removals).isEqualTo(1);
      } else {
        disk.store().note(REGION, 7, ReplicaRecord.State.REMOVED);
      }
      disk.reopen();
      assertThat(disk.store().replica(REGION).orElseThrow().state())
          .isEqualTo(ReplicaRecord.State.REMOVED);
      long membership = membership(disk);

      try (RaftHost raft = raft(disk)) {
        ReplicaRecovery.recover(disk.store(), disk.database(), raft);
        assertThat(raft.hasState(GROUP)).isFalse();
      }
      disk.reopen();
      assertThat(disk.store().regions())
          .extracting(RegionDescriptor::id)
          .containsExactly(new RegionId(8));
      assertThat(disk.store().tombstone(REGION)).contains(new Tombstone(7, membership));
      assertThat(disk.store().replica(REGION)).isEmpty();
      assertThat(data(disk)).isEqualTo(1);
    }
  }

  @Test
  void replicaThatStaysIsNotTouchedByAStart() {
    try (TestStore disk = open()) {
      try (RaftHost raft = raft(disk)) {
        make(disk, raft);
        machine(disk, new Deaf())
            .onMembership(5, 2, Membership.ofVoters(List.of(SELF, new ReplicaId(2, 8))));
        ReplicaRecovery.recover(disk.store(), disk.database(), raft);
        assertThat(raft.hasState(GROUP)).isTrue();
      }
      assertThat(disk.store().regions()).hasSize(2);
      assertThat(data(disk)).isEqualTo(2);
    }
  }

  @Test
  void halfInstalledSnapshotIsWipedAtTheStart() throws Exception {
    try (TestStore disk = open()) {
      try (RaftHost raft = raft(disk)) {
        make(disk, raft);
      }
      breakInstall(disk);
      disk.reopen();
      try (RaftHost raft = raft(disk)) {
        ReplicaRecovery.recover(disk.store(), disk.database(), raft);
        ReplicaRecovery.recover(disk.store(), disk.database(), raft);
      }
      assertThat(disk.store().replica(REGION))
          .contains(new ReplicaRecord(7, ReplicaRecord.State.EMPTY, List.of()));
      assertThat(disk.store().regions())
          .extracting(RegionDescriptor::id)
          .containsExactly(new RegionId(8));
      assertThat(disk.store().tombstone(REGION)).isEmpty();
      assertThat(data(disk)).isEqualTo(1);
    }
  }

  @Test
  void replicaWhoseInstallFailedBeginsAnewWithoutARestart() throws Exception {
    AtomicReference<ReplicatedLog<EntryResult>> served = new AtomicReference<>();
    AtomicInteger dropped = new AtomicInteger();
    try (TestStore disk = open();
        RaftHost raft = raft(disk)) {
      RegionStore region = make(disk, raft);
      try (ReplicaLife life = new ReplicaLife(
          MoveLimits.defaults(),
          new StoreId(1),
          disk.database(),
          raft,
          disk.store(),
          parts(),
          new Recorder(served, dropped),
          new Object())) {
        life.start(region);
        ReplicatedLog<EntryResult> log = Objects.requireNonNull(served.get());
        log.campaign();
        await().atMost(PATIENCE).until(() -> log.leadership().leading());
        breakInstall(disk);
        // What cannot be read ends the log, as a failed install does.
        var unused = log.propose(new byte[] {99, 99, 99}, log.leadership().term());

        await()
            .atMost(PATIENCE)
            .until(() -> disk.store()
                .replica(REGION)
                .filter(record -> record.state() == ReplicaRecord.State.EMPTY)
                .isPresent());
        await().atMost(PATIENCE).until(() -> raft.runs(GROUP) && life.has(REGION));
        assertThat(dropped).hasValue(1);
        assertThat(life.held()).containsEntry(REGION, 7L);
        assertThat(data(disk)).isEqualTo(1);
      }
    }
  }

  /** Nothing was touched yet: the replica is what it was, and its log is started again. */
  @Test
  void replicaWhoseInstallFailedBeforeItBeganIsStartedAgain() throws Exception {
    AtomicReference<ReplicatedLog<EntryResult>> served = new AtomicReference<>();
    AtomicInteger dropped = new AtomicInteger();
    try (TestStore disk = open();
        RaftHost raft = raft(disk)) {
      RegionStore region = make(disk, raft);
      try (ReplicaLife life = life(disk, raft, new Recorder(served, dropped))) {
        life.start(region);
        ReplicatedLog<EntryResult> first = Objects.requireNonNull(served.get());
        ReplicaMachine machine = life.machine(REGION).orElseThrow();
        assertThatThrownBy(
                () -> machine.install(directory.resolve("none"), 9, 2, new byte[] {1}, batch -> {}))
            .isInstanceOf(RuntimeException.class);
        assertThat(disk.store().replica(REGION)).isEmpty();
        life.failed(machine);
        await().atMost(PATIENCE).until(() -> served.get() != first);
        ReplicatedLog<EntryResult> second = Objects.requireNonNull(served.get());
        second.campaign();
        await().atMost(PATIENCE).until(() -> second.leadership().leading());
        assertThat(dropped).hasValue(1);
        assertThat(data(disk)).isEqualTo(2);
      }
    }
  }

  @Test
  void installThatFailsAgainAndAgainIsLeftAloneInTheEnd() {
    AtomicReference<ReplicatedLog<EntryResult>> served = new AtomicReference<>();
    AtomicInteger dropped = new AtomicInteger();
    try (TestStore disk = open();
        RaftHost raft = raft(disk)) {
      RegionStore region = make(disk, raft);
      try (ReplicaLife life = life(disk, raft, new Recorder(served, dropped))) {
        life.start(region);
        for (int failure = 1; failure <= MoveLimits.defaults().installRetries() + 1; failure++) {
          ReplicaMachine machine = life.machine(REGION).orElseThrow();
          assertThatThrownBy(() ->
                  machine.install(directory.resolve("none"), 9, 2, new byte[] {1}, batch -> {}))
              .isInstanceOf(RuntimeException.class);
          life.failed(machine);
          int restarts = Math.min(failure, MoveLimits.defaults().installRetries());
          await().atMost(PATIENCE).untilAsserted(() -> assertThat(dropped).hasValue(restarts));
          await().atMost(PATIENCE).until(() -> life.machine(REGION).isPresent());
        }
      }
      assertThat(dropped).hasValue(MoveLimits.defaults().installRetries());
    }
  }

  @Test
  void damageOutlivesARestartAndEndsOnlyWithTheProofThatTheRegionDoesWithout() {
    AtomicReference<ReplicatedLog<EntryResult>> served = new AtomicReference<>();
    Recorder recorder = new Recorder(served, new AtomicInteger());
    try (TestStore disk = open()) {
      long membership;
      try (RaftHost raft = raft(disk)) {
        RegionStore region = make(disk, raft);
        membership = region.descriptor().epoch().membership();
        try (ReplicaLife life = life(disk, raft, recorder)) {
          life.start(region);
          life.damaged(life.machine(REGION).orElseThrow(), "it differs");
          await().atMost(PATIENCE).until(() -> !raft.runs(GROUP));
          assertThat(life.damaged().get(REGION))
              .isEqualTo(new DamagedReplicas.Damage(7, "it differs"));
        }
      }
      disk.reopen();
      try (RaftHost raft = raft(disk)) {
        ReplicaRecovery.recover(disk.store(), disk.database(), raft);
        try (ReplicaLife life = life(disk, raft, recorder)) {
          life.startEmpty();
          assertThat(raft.runs(GROUP)).isFalse();
          assertThat(life.held()).containsEntry(REGION, 7L);
          assertThat(life.has(REGION)).isTrue();
          assertThat(life.damaged()).containsOnlyKeys(REGION);
          assertThat(life.destroy(REGION, 7, membership)).as("it is a member").isFalse();
          assertThat(life.destroy(REGION, 6, membership + 1)).as("another one").isFalse();
          assertThat(data(disk)).isEqualTo(2);

          assertThat(life.destroy(REGION, 7, membership + 1)).isTrue();
          assertThat(life.held()).isEmpty();
          assertThat(raft.hasState(GROUP)).isFalse();
        }
      }
      assertThat(disk.store().tombstone(REGION)).contains(new Tombstone(7, membership));
      assertThat(data(disk)).isEqualTo(1);
    }
  }

  static ReplicaLife life(TestStore disk, RaftHost raft, ReplicaLife.Engine engine) {
    return new ReplicaLife(
        MoveLimits.defaults(),
        new StoreId(1),
        disk.database(),
        raft,
        disk.store(),
        parts(),
        engine,
        new Object());
  }

  record Recorder(AtomicReference<ReplicatedLog<EntryResult>> served, AtomicInteger dropped)
      implements ReplicaLife.Engine {
    @Override
    public boolean running() {
      return true;
    }

    @Override
    public void serve(RegionStateMachine machine, ReplicatedLog<EntryResult> replica) {
      served.set(replica);
    }

    @Override
    public void drop(RegionId region) {
      dropped.incrementAndGet();
    }
  }

  private TestStore open() {
    return new TestStore(directory.resolve("store"), SharedStoreConfig.defaults());
  }

  static RaftHost raft(TestStore disk) {
    return RaftHost.open(
        RaftConfig.defaults(42, 1, 0),
        disk.database(),
        store -> Optional.empty(),
        address -> {
          throw new AssertionError("nobody to connect to");
        },
        new SimpleMeterRegistry());
  }

  private static RegionStateMachine.Parts parts() {
    return new RegionStateMachine.Parts(ApplyHook.NONE, NoBirths.INSTANCE, Runnable::run);
  }

  /** The region with its log and one key, and a neighbour with one key. */
  static RegionStore make(TestStore disk, RaftHost raft) {
    RegionStore region = disk.create(7, RANGE);
    put(region, 2, "k");
    put(disk.create(8, NEIGHBOUR), 2, "q");
    try (WriteBatch batch = new WriteBatch()) {
      raft.seed(batch, new GroupSeed(GROUP, 1, 1, Membership.ofVoters(List.of(SELF))));
      disk.database().write(batch);
    }
    disk.database().sync();
    return region;
  }

  private static ReplicaMachine machine(TestStore disk, ReplicaMachine.Fate fate) {
    return machine(disk, fate, REGION, Optional.of(disk.store().open(REGION)));
  }

  static ReplicaMachine machine(
      TestStore disk, ReplicaMachine.Fate fate, RegionId region, Optional<RegionStore> whole) {
    return new ReplicaMachine(
        new ReplicaMachine.Shared(
            disk.store(),
            new RangeClaims(disk.store()),
            new RangeInstall(disk.store(), disk.database()),
            parts(),
            fate),
        region,
        new ReplicaId(1, region.value()),
        whole);
  }

  /** Leaves what an install leaves whose files cannot be taken in. */
  private void breakInstall(TestStore disk) throws Exception {
    Path files = Files.createDirectories(directory.resolve("files"));
    Files.writeString(files.resolve("data-1.sst"), "no such table");
    try (RangeSnapshot coming = RangeSnapshot.of(disk.store(), REGION)) {
      assertThatThrownBy(() -> new RangeInstall(disk.store(), disk.database())
              .run(files, 7, Optional.of(RANGE), 9, 2, coming.description(), batch -> {}))
          .hasMessageContaining("installing region 7");
    }
    assertThat(disk.store().replica(REGION).orElseThrow().state())
        .isEqualTo(ReplicaRecord.State.INSTALLING);
  }

  private static long membership(TestStore disk) {
    return disk.store().regions().stream()
        .filter(region -> region.id().equals(REGION))
        .mapToLong(region -> region.epoch().membership())
        .findFirst()
        .orElseThrow();
  }

  static int data(TestStore disk) {
    int count = 0;
    try (RocksIterator entry = disk.database().db().newIterator(disk.database().family("data"))) {
      for (entry.seekToFirst(); entry.isValid(); entry.next()) {
        count++;
      }
    }
    return count;
  }

  static void put(RegionStore region, long index, String key) {
    try (ApplySession session = region.begin()) {
      Stamped put =
          new Stamped(index, 1, WriteName.NONE, Put.of(Bytes.utf8(key), Bytes.utf8("value")));
      session.apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)));
      session.commit();
    }
  }
}
