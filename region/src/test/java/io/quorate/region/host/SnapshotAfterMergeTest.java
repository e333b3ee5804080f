package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Put;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.RangeSnapshot;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that slept through a merge, and is sent a snapshot of the region that came of it. */
class SnapshotAfterMergeTest {
  private static final RegionId LEFT = new RegionId(7);
  private static final RegionId RIGHT = new RegionId(8);
  private static final KeyRange LOW = KeyRange.of(Bytes.EMPTY, Bytes.utf8("m"));
  private static final KeyRange HIGH = KeyRange.of(Bytes.utf8("m"), Bytes.EMPTY);

  @TempDir
  private Path directory;

  private final List<RegionId> ended = new ArrayList<>();

  private final class Endings implements Merges {
    @Override
    public void frozen(RegionId right, MergeState.Frozen by) {}

    @Override
    public void ended(RegionId right, RegionDescriptor whole) {
      assertThat(whole.id()).isEqualTo(LEFT);
      ended.add(right);
    }
  }

  private static final class NoFate implements ReplicaMachine.Fate {
    @Override
    public void filled(ReplicaMachine machine) {}

    @Override
    public void removed(ReplicaMachine machine, long membership) {}

    @Override
    public void failed(ReplicaMachine machine) {}

    @Override
    public void broken(ReplicaMachine machine) {}

    @Override
    public void damaged(ReplicaMachine machine, String reason) {}
  }

  private TestStore open(String name) {
    return new TestStore(directory.resolve(name), SharedStoreConfig.defaults());
  }

  private ReplicaMachine machine(TestStore disk, RegionStore region) {
    return new ReplicaMachine(shared(disk), LEFT, new ReplicaId(1, 7), Optional.of(region));
  }

  private ReplicaMachine.Shared shared(TestStore disk) {
    return new ReplicaMachine.Shared(
        disk.store(),
        new RangeClaims(disk.store()),
        new RangeInstall(disk.store(), disk.database()),
        new RegionStateMachine.Parts(
            ApplyHook.NONE, NoBirths.INSTANCE, new Endings(), Runnable::run),
        new NoFate());
  }

  private static void put(RegionStore region, long index, long version, String key) {
    try (ApplySession session = region.begin()) {
      Stamped put = new Stamped(
          index, version, WriteName.NONE, Put.of(Bytes.utf8(key), Bytes.utf8("at " + index)));
      session.apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)));
      session.commit();
    }
  }

  private record Neighbours(RegionStore left, RegionStore right) {}

  private static Neighbours neighbours(TestStore disk) {
    Neighbours both =
        new Neighbours(disk.create(LEFT.value(), LOW), disk.create(RIGHT.value(), HIGH));
    put(both.right(), 2, 1, "x");
    return both;
  }

  private static void merge(RegionStore left, RegionStore right) {
    left.merge(3, 1, new MergeStep.Prepare(left.descriptor().epoch(), right.descriptor()));
    right.merge(3, 1, new MergeStep.Freeze(right.descriptor().epoch(), LEFT, 3));
  }

  @Test
  void itTakesThePlaceOfBothAndTheRightOneIsOver() throws Exception {
    try (TestStore awake = open("awake");
        TestStore asleep = open("asleep")) {
      Neighbours both = neighbours(awake);
      RegionStore left = both.left();
      RegionStore right = both.right();
      merge(left, right);
      left.merge(4, 1, new MergeStep.Commit(3));
      put(left, 5, 2, "y");
      RangeSnapshot pinned = RangeSnapshot.of(awake.store(), LEFT);
      Path files = Files.createTempDirectory(directory, "files");
      pinned.write(files);

      RegionStore oldLeft = asleep.create(LEFT.value(), LOW);
      RegionStore oldRight = asleep.create(RIGHT.value(), HIGH);
      merge(oldLeft, oldRight);
      ReplicaMachine machine = machine(asleep, oldLeft);
      assertThat(machine.refusal(pinned.description())).isEmpty();
      machine.install(files, pinned.index(), pinned.term(), pinned.description(), batch -> {});

      assertThat(ended).containsExactly(RIGHT);
      assertThat(oldRight.isOver()).isTrue();
      assertThat(asleep.store().opened(RIGHT)).isEmpty();
      assertThat(asleep.store().regions()).singleElement().isEqualTo(left.descriptor());
      assertThat(oldLeft.newest(Bytes.utf8("x")).modRevision()).isEqualTo(2);
      assertThat(oldLeft.newest(Bytes.utf8("y")).modRevision()).isEqualTo(5);
      assertThat(oldLeft.mergeState().decision(3).orElseThrow().committed()).isTrue();
      // What of the right one's log still runs here writes nothing any more.
      put(oldRight, 9, 1, "z");
      assertThat(asleep.store().has(RIGHT)).isFalse();
      assertThat(oldLeft.newest(Bytes.utf8("z")).isLive()).isFalse();
      pinned.close();
    }
  }

  @Test
  void aSnapshotFromBeforeTheMergeLeavesTheRightOneAlone() throws Exception {
    try (TestStore awake = open("awake");
        TestStore asleep = open("asleep")) {
      RegionStore left = awake.create(LEFT.value(), LOW);
      awake.create(RIGHT.value(), HIGH);
      put(left, 2, 1, "a");
      RangeSnapshot pinned = RangeSnapshot.of(awake.store(), LEFT);
      Path files = Files.createTempDirectory(directory, "files");
      pinned.write(files);
      RegionStore oldLeft = asleep.create(LEFT.value(), LOW);
      RegionStore oldRight = asleep.create(RIGHT.value(), HIGH);
      ReplicaMachine machine = machine(asleep, oldLeft);
      assertThat(machine.refusal(pinned.description())).isEmpty();
      machine.install(files, pinned.index(), pinned.term(), pinned.description(), batch -> {});

      assertThat(ended).isEmpty();
      assertThat(oldRight.isOver()).isFalse();
      assertThat(asleep.store().regions()).hasSize(2);
      pinned.close();
    }
  }

  /** It was on offer since a replica before, now gone, was made there; the newcomer has nothing to take the right one from. */
  @Test
  void aSnapshotFromBeforeTheMergeIsOfNoUseToAReplicaThatCameAfterIt() throws Exception {
    try (TestStore awake = open("awake");
        TestStore fresh = open("fresh")) {
      Neighbours both = neighbours(awake);
      RegionStore left = both.left();
      RegionStore right = both.right();
      ReplicaMachine sender = machine(awake, left);
      try (RangeSnapshot before = RangeSnapshot.of(awake.store(), LEFT)) {
        merge(left, right);
        left.merge(4, 1, new MergeStep.Commit(3));
        ReplicaId newcomer = new ReplicaId(4, 99);
        List<ReplicaId> voters = new ArrayList<>();
        left.descriptor()
            .peers()
            .forEach(peer -> voters.add(new ReplicaId(peer.store().value(), peer.replica())));
        assertThat(sender.suffices(before.description()))
            .as("all that are members now were then")
            .isTrue();
        left.follow(5, 1, new Membership(voters, List.of(newcomer)));
        assertThat(sender.suffices(before.description())).isFalse();

        ReplicaMachine receiver =
            new ReplicaMachine(shared(fresh), LEFT, newcomer, Optional.empty());
        assertThat(receiver.refusal(before.description()))
            .hasValueSatisfying(why -> assertThat(why).contains("no member yet"));
        try (RangeSnapshot after = RangeSnapshot.of(awake.store(), LEFT)) {
          assertThat(sender.suffices(after.description())).isTrue();
          assertThat(receiver.refusal(after.description())).isEmpty();
        }
      }
    }
  }
}
