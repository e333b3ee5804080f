package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.WriteBatch;

/** What a merge writes on one replica, with a crash on either side of each write. */
final class MergeWriteTest {
  private static final RegionId LEFT = new RegionId(7);
  private static final RegionId RIGHT = new RegionId(8);
  private static final KeyRange LOW = KeyRange.of(Bytes.EMPTY, Bytes.utf8("m"));
  private static final KeyRange HIGH = KeyRange.of(Bytes.utf8("m"), Bytes.utf8("t"));
  private static final KeyRange BEYOND = KeyRange.of(Bytes.utf8("t"), Bytes.EMPTY);
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes N = Bytes.utf8("n");

  @TempDir
  private Path directory;

  private TestStore disk;
  private RegionStore left;
  private RegionStore right;

  private static final class Crash extends RuntimeException {}

  @BeforeEach
  void open() {
    disk = open("store");
    left = disk.create(LEFT.value(), LOW);
    right = disk.create(RIGHT.value(), HIGH);
    put(left, 2, 5, 1, A);
    put(right, 2, 9, 1, N);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private TestStore open(String name) {
    return new TestStore(directory.resolve(name), SharedStoreConfig.defaults());
  }

  private static Outcome put(
      RegionStore region, long index, long revision, long version, Bytes key) {
    try (ApplySession session = region.begin()) {
      Stamped put =
          new Stamped(revision, version, WriteName.NONE, Put.of(key, Bytes.utf8("at " + revision)));
      Outcome outcome = session
          .apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)))
          .get(0);
      session.commit();
      return outcome;
    }
  }

  private static Outcome prepare(RegionStore left, RegionStore right) {
    return left.merge(3, 1, new MergeStep.Prepare(left.descriptor().epoch(), right.descriptor()));
  }

  private static Outcome freeze(RegionStore right) {
    return right.merge(3, 1, new MergeStep.Freeze(right.descriptor().epoch(), LEFT, 3));
  }

  private void merge() {
    assertThat(prepare(left, right)).isInstanceOf(Outcome.Merge.class);
    assertThat(freeze(right)).isInstanceOf(Outcome.Merge.class);
    assertThat(left.merge(4, 1, new MergeStep.Commit(3))).isInstanceOf(Outcome.Merge.class);
  }

  private static MergeState stateOf(TestStore store, RegionId region) {
    return store.store().open(region).mergeState();
  }

  @Test
  void oneRegionGoesOnAboveAllThatBothHadWritten() {
    long before = right.readMark();
    merge();

    assertThat(left.descriptor().range()).isEqualTo(KeyRange.of(Bytes.EMPTY, Bytes.utf8("t")));
    assertThat(left.descriptor().epoch()).isEqualTo(new RegionEpoch(2, 1));
    assertThat(left.newest(N).modRevision()).isEqualTo(9);
    assertThat(left.lastStamp()).isEqualTo(9);
    assertThat(put(left, 5, 8, 2, N)).isEqualTo(new Outcome.Restamp(9));
    assertThat(put(left, 6, 10, 1, A)).isInstanceOf(Outcome.EpochMismatch.class);
    assertThat(put(left, 7, 11, 2, N)).isInstanceOf(Outcome.Done.class);
    assertThat(left.newest(N).modRevision()).isEqualTo(11);
    assertThat(right.isWholeSince(before)).as("late readers of the right one").isFalse();
    assertThat(right.isOver()).isTrue();
  }

  @Test
  void aRestartFindsOneRegionAndAMarkThatALogIsLeft() {
    merge();
    disk.reopen();

    assertThat(disk.store().regions()).singleElement().satisfies(region -> {
      assertThat(region.id()).isEqualTo(LEFT);
      assertThat(region.range()).isEqualTo(KeyRange.of(Bytes.EMPTY, Bytes.utf8("t")));
    });
    assertThat(disk.store().replica(RIGHT).orElseThrow().state())
        .isEqualTo(ReplicaRecord.State.MERGED);
    assertThat(disk.store().tombstone(RIGHT).orElseThrow().replica()).isEqualTo(Long.MAX_VALUE);
    RegionStore again = disk.store().open(LEFT);
    assertThat(again.newest(N).modRevision()).isEqualTo(9);
    assertThat(again.lastStamp()).isEqualTo(9);
    assertThat(again.mergeState().hasEnded(RIGHT, 1)).isTrue();
    Lineage lineage =
        Lineage.decode(Objects.requireNonNull(disk.store().readMeta(RegionMeta.LINEAGE, LEFT)));
    assertThat(lineage.ancestors()).containsExactly(new Lineage.Ancestor(RIGHT, 9));
    try (WriteBatch batch = new WriteBatch()) {
      disk.store().endOfLog(batch, RIGHT);
      disk.database().write(batch);
    }
    assertThat(disk.store().replica(RIGHT)).isEmpty();
    assertThat(disk.store().hasTombstone(RIGHT)).isTrue();
  }

  @Test
  void aCrashBeforeTheCommitLeavesTwoRegionsAndTheCommitStillComes() {
    prepare(left, right);
    freeze(right);
    disk.reopen();

    left = disk.store().open(LEFT);
    right = disk.store().open(RIGHT);
    assertThat(left.mergeState().isPending(3)).isTrue();
    assertThat(right.mergeState().isFrozenFor(LEFT, 3)).isTrue();
    assertThat(right.shape().frozen()).isTrue();
    assertThat(put(right, 4, 20, 1, N)).isInstanceOf(Outcome.EpochMismatch.class);
    assertThat(left.merge(4, 1, new MergeStep.Commit(3))).isInstanceOf(Outcome.Merge.class);
    assertThat(left.newest(N).modRevision()).isEqualTo(9);
  }

  @Test
  void aFailedWriteOfTheCommitLeavesBothAsTheyWere() {
    boolean[] fails = {false};
    SharedStore fragile = new SharedStore(
        disk.database().db(),
        disk.database()::family,
        batch -> {
          if (fails[0]) {
            throw new Crash();
          }
          disk.database().write(batch);
        },
        SharedStoreConfig.defaults());
    RegionStore one = fragile.open(LEFT);
    RegionStore other = fragile.open(RIGHT);
    prepare(one, other);
    freeze(other);
    fails[0] = true;
    assertThatThrownBy(() -> one.merge(4, 1, new MergeStep.Commit(3))).isInstanceOf(Crash.class);
    fragile.close();
    disk.reopen();

    assertThat(disk.store().regions()).hasSize(2);
    assertThat(stateOf(disk, LEFT).isPending(3)).isTrue();
    assertThat(stateOf(disk, RIGHT).isFrozenFor(LEFT, 3)).isTrue();
  }

  @Test
  void onlyTheFirstDecisionCountsAndAThawServesAgain() {
    prepare(left, right);
    freeze(right);
    assertThat(right.merge(4, 1, new MergeStep.Thaw(LEFT, 2))).isInstanceOf(Outcome.Refused.class);
    assertThat(left.merge(4, 1, new MergeStep.Abort(3))).isInstanceOf(Outcome.Merge.class);
    assertThat(left.merge(5, 1, new MergeStep.Commit(3))).isInstanceOf(Outcome.Refused.class);
    assertThat(right.merge(4, 1, new MergeStep.Thaw(LEFT, 3))).isInstanceOf(Outcome.Merge.class);
    disk.reopen();

    left = disk.store().open(LEFT);
    right = disk.store().open(RIGHT);
    assertThat(left.mergeState().decision(3)).contains(new MergeState.Decision(3, false));
    assertThat(put(right, 5, 20, 1, N)).isInstanceOf(Outcome.Done.class);
    assertThat(left.descriptor().range()).isEqualTo(LOW);
  }

  @Test
  void aCommitAfterMembersChangedIsAnAbort() {
    prepare(left, right);
    freeze(right);
    left.follow(4, 1, Membership.ofVoters(List.of(new ReplicaId(1, 7), new ReplicaId(2, 70))));
    Outcome outcome = left.merge(5, 1, new MergeStep.Commit(3));

    assertThat(((Outcome.Merge) outcome).state().decision(3))
        .contains(new MergeState.Decision(3, false));
    assertThat(right.isOver()).isFalse();
    assertThat(left.descriptor().range()).isEqualTo(LOW);
  }

  @Test
  void aRegionThatLacksItsNeighbourStopsInsteadOfServingHoles() {
    prepare(left, right);
    assertThatThrownBy(() -> left.merge(4, 1, new MergeStep.Commit(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not frozen here");
    assertThat(disk.store().regions()).hasSize(2);
  }

  @Test
  void neitherIsCutOrMergedTwiceWhileItLasts() {
    prepare(left, right);
    freeze(right);
    for (RegionStore region : List.of(left, right)) {
      Split split = new Split(
          region.descriptor().epoch(),
          List.of(new Split.Cut(
              region == left ? Bytes.utf8("c") : Bytes.utf8("o"), new RegionId(90), List.of(91L))));
      assertThat(region.judge(split)).isInstanceOf(Outcome.Refused.class);
      assertThat(region.merge(
              9, 1, new MergeStep.Freeze(region.descriptor().epoch(), new RegionId(6), 44)))
          .isInstanceOf(Outcome.Refused.class);
    }
    assertThat(freeze(right)).as("again is as good as once").isInstanceOf(Outcome.Merge.class);
  }

  @Test
  void callsFromBeforeTheRangeGrewAreSentAway() {
    assertThat(left.shape().grownAt()).isEqualTo(1);
    merge();
    assertThat(left.shape().grownAt()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(RangeInstall.Step.class)
  void aSnapshotTakesThePlaceOfBothHoweverItIsCutShort(RangeInstall.Step crashAfter)
      throws Exception {
    try (TestStore behind = open("behind")) {
      RegionStore oldLeft = behind.create(LEFT.value(), LOW);
      RegionStore oldRight = behind.create(RIGHT.value(), HIGH);
      put(oldRight, 2, 3, 1, Bytes.utf8("o"));
      RegionStore beyond = behind.create(9, BEYOND);
      put(beyond, 2, 4, 1, Bytes.utf8("z"));
      merge();
      put(left, 5, 12, 2, N);
      RangeSnapshot pinned = RangeSnapshot.of(disk.store(), LEFT);
      Path files = Files.createTempDirectory(directory, "files");
      pinned.write(files);
      assertThat(RangeInstall.merges(pinned.description()).hasEnded(RIGHT, 1)).isTrue();

      RangeInstall crashing = new RangeInstall(behind.store(), behind.database(), step -> {
        if (step == crashAfter) {
          throw new Crash();
        }
      });
      assertThatThrownBy(() -> crashing.run(
              files,
              7,
              Optional.of(oldLeft.descriptor().range()),
              5,
              1,
              pinned.description(),
              List.of(oldRight),
              batch -> {}))
          .isInstanceOf(Crash.class);
      behind.reopen();

      assertThat(behind.store().regions()).noneMatch(region -> region.id().equals(RIGHT));
      assertThat(behind.store().replica(RIGHT).orElseThrow().state())
          .isEqualTo(ReplicaRecord.State.MERGED);
      RegionStore unhurt = behind.store().open(new RegionId(9));
      assertThat(unhurt.newest(Bytes.utf8("z")).modRevision()).isEqualTo(4);
      if (crashAfter == RangeInstall.Step.DONE) {
        RegionStore whole = behind.store().open(LEFT);
        assertThat(whole.newest(N).modRevision()).isEqualTo(12);
        assertThat(whole.newest(Bytes.utf8("o")).isLive()).isFalse();
      } else {
        ReplicaRecord marker = behind.store().replica(LEFT).orElseThrow();
        assertThat(marker.state()).isEqualTo(ReplicaRecord.State.INSTALLING);
        assertThat(marker.ranges()).contains(HIGH);
      }
      pinned.close();
    }
  }

  @Test
  void whatIsKnownOfMergesIsWrittenWhole() {
    merge();
    RegionDescriptor whole = left.descriptor();
    MergeState known = left.mergeState();
    assertThat(known.ended()).containsExactly(new MergeState.Ended(RIGHT, 1));
    assertThat(whole.range().contains(N)).isTrue();
    assertThat(MergeRecord.decode(MergeRecord.encode(known))).isEqualTo(known);
    MergeState pending = new MergeState(
        Optional.of(new MergeState.Pending(4, RegionEpoch.FIRST, whole)),
        Optional.of(new MergeState.Frozen(LEFT, 3)),
        known.decisions(),
        known.ended());
    assertThat(MergeRecord.decode(MergeRecord.encode(pending))).isEqualTo(pending);
  }
}
