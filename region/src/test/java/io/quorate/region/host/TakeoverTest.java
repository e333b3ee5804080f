package io.quorate.region.host;

import static io.quorate.region.host.ReplicaLifeTest.GROUP;
import static io.quorate.region.host.ReplicaLifeTest.RANGE;
import static io.quorate.region.host.ReplicaLifeTest.REGION;
import static io.quorate.region.host.ReplicaLifeTest.SELF;
import static io.quorate.region.host.ReplicaLifeTest.data;
import static io.quorate.region.host.ReplicaLifeTest.life;
import static io.quorate.region.host.ReplicaLifeTest.machine;
import static io.quorate.region.host.ReplicaLifeTest.make;
import static io.quorate.region.host.ReplicaLifeTest.put;
import static io.quorate.region.host.ReplicaLifeTest.raft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.host.RaftHost;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.host.ReplicaLifeTest.Deaf;
import io.quorate.region.host.ReplicaLifeTest.Recorder;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.RangeSnapshot;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import io.quorate.region.storage.Tombstone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** A snapshot takes the place of regions that ended in its own, while other things happen to them; on real databases. */
class TakeoverTest {
  private static final RegionId LEFT = new RegionId(6);

  @TempDir
  private Path directory;

  /** Nobody is here, and nobody comes. */
  private static final class NoSeeds implements ChildSeeds {
    @Override
    public StoreId self() {
      return new StoreId(1);
    }

    @Override
    public boolean isHere(GroupId group) {
      return false;
    }

    @Override
    public void seed(WriteBatch batch, GroupSeed seed) {
      throw new AssertionError("nothing is to be born");
    }
  }

  /**
   * bench/elastic random, seed 923: placement had what was left of merged regions destroyed while a snapshot of the region that came
   * of them took their place, and the destruction hit what the snapshot had brought.
   */
  @Test
  void destructionDoesNotHitWhoeverHasTakenThePlace() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake");
        RaftHost raft = raft(disk)) {
      RegionStore stale = make(disk, raft);
      Recorder recorder = new Recorder(new AtomicReference<>(), new AtomicInteger());
      try (RangeSnapshot whole = merged(awake);
          ReplicaLife life = life(disk, raft, recorder)) {
        life.start(stale);
        ReplicaMachine coming = machine(disk, new Deaf(), LEFT, Optional.empty());
        assertThat(coming.refusal(whole.description())).isEmpty();
        coming.install(write(whole), whole.index(), whole.term(), whole.description(), batch -> {
          assertThat(life.destroyMerged(REGION, SELF.replica())).isTrue();
          assertThat(life.has(REGION)).isFalse();
        });
        assertThat(raft.hasState(GROUP)).isFalse();
      }
      assertThat(disk.store().regions())
          .extracting(RegionDescriptor::id)
          .containsExactly(LEFT, new RegionId(8));
      assertThat(disk.store().tombstone(REGION))
          .map(Tombstone::replica)
          .as("no replica of it comes back")
          .contains(Long.MAX_VALUE);
      assertThat(data(disk)).as("a, k and q").isEqualTo(3);
    }
  }

  /** It ends between the moment at which a snapshot says whose place it takes and the one at which it does. */
  @Test
  void andNobodyWaitsForOneThatIsGone() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake");
        RaftHost raft = raft(disk)) {
      RegionStore stale = make(disk, raft);
      Recorder recorder = new Recorder(new AtomicReference<>(), new AtomicInteger());
      try (RangeSnapshot whole = merged(awake);
          ReplicaLife life = life(disk, raft, recorder)) {
        life.start(stale);
        life.destroyMerged(REGION, SELF.replica());
        new RangeInstall(disk.store(), disk.database())
            .run(
                write(whole),
                LEFT.value(),
                Optional.empty(),
                whole.index(),
                whole.term(),
                whole.description(),
                List.of(stale),
                batch -> {});
      }
      assertThat(data(disk)).as("a, k and q").isEqualTo(3);
      assertThat(disk.store().tombstone(REGION)).isPresent();
    }
  }

  /** What of its log still runs here makes nothing in a range that is another's. */
  @Test
  void nothingIsCutOffFromARegionThatIsOver() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake")) {
      RegionStore stale = disk.create(REGION.value(), RANGE);
      try (RangeSnapshot whole = merged(awake)) {
        ReplicaMachine coming = machine(disk, new Deaf(), LEFT, Optional.empty());
        assertThat(coming.refusal(whole.description())).isEmpty();
        coming.install(write(whole), whole.index(), whole.term(), whole.description(), batch -> {});
      }
      RegionStore.Cut cut = stale.split(
          5,
          1,
          new Split(
              stale.descriptor().epoch(),
              List.of(new Split.Cut(Bytes.utf8("m"), new RegionId(9), List.of(SELF.replica())))),
          new NoSeeds());
      assertThat(cut.outcome()).isInstanceOf(Outcome.Refused.class);
      assertThat(cut.born()).isEmpty();
      assertThat(disk.store().regions()).extracting(RegionDescriptor::id).containsExactly(LEFT);
    }
  }

  /** One that was cut off from it meanwhile, of which the snapshot knows nothing, keeps its place. */
  @Test
  void aSnapshotTakesNobodysPlaceThatItDoesNotKnow() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake");
        RangeSnapshot whole = merged(awake)) {
      RegionStore stranger = disk.create(9, KeyRange.of(Bytes.utf8("m"), Bytes.utf8("z")));
      put(stranger, 2, "n");
      RegionStore stale =
          disk.create(REGION.value(), KeyRange.of(Bytes.utf8("k"), Bytes.utf8("m")));
      RangeInstall install = new RangeInstall(disk.store(), disk.database());
      Path files = write(whole);
      assertThatThrownBy(() -> install.run(
              files,
              LEFT.value(),
              Optional.empty(),
              whole.index(),
              whole.term(),
              whole.description(),
              List.of(stale),
              batch -> {}))
          .hasMessageContaining("take the place of region 9");
      assertThat(stale.isOver()).isFalse();
      assertThat(disk.store().regions()).hasSize(2);
      assertThat(disk.store().replica(LEFT)).isEmpty();
      assertThat(data(disk)).isEqualTo(1);
    }
  }

  /** Both could take the place of a third one, which goes as a whole: what the first has brought would go with it. */
  @Test
  void twoSnapshotsDoNotTakeOnePlace() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake");
        RangeSnapshot whole = merged(awake)) {
      disk.create(REGION.value(), KeyRange.of(Bytes.utf8("k"), Bytes.utf8("z")));
      RangeClaims claims = new RangeClaims(disk.store());
      MergeState merges = RangeInstall.merges(whole.description());
      KeyRange right = KeyRange.of(Bytes.utf8("q"), Bytes.utf8("z"));
      assertThat(claims.claim(LEFT, KeyRange.of(Bytes.EMPTY, Bytes.utf8("q")), merges))
          .isEmpty();
      assertThat(claims.claim(new RegionId(9), right, merges))
          .hasValueSatisfying(why -> assertThat(why).contains("overlaps region 6"));
      claims.release(LEFT);
      assertThat(claims.claim(new RegionId(9), right, merges)).isEmpty();
    }
  }

  /** It was found damaged before the start: it is not open, and nobody takes its place before it is destroyed. */
  @Test
  void aDamagedOneIsDestroyedFirst() throws Exception {
    try (TestStore disk = open("store");
        TestStore awake = open("awake");
        RangeSnapshot whole = merged(awake)) {
      try (RaftHost raft = raft(disk)) {
        make(disk, raft);
      }
      disk.store().note(REGION, SELF.replica(), ReplicaRecord.State.DAMAGED);
      disk.reopen();
      Recorder recorder = new Recorder(new AtomicReference<>(), new AtomicInteger());
      try (RaftHost raft = raft(disk);
          ReplicaLife life = life(disk, raft, recorder)) {
        ReplicaMachine coming = machine(disk, new Deaf(), LEFT, Optional.empty());
        assertThat(coming.refusal(whole.description()))
            .hasValueSatisfying(why -> assertThat(why).contains("overlaps region 7"));
        assertThat(life.destroyMerged(REGION, SELF.replica() + 1))
            .as("another one")
            .isFalse();
        assertThat(life.destroyMerged(REGION, SELF.replica())).isTrue();
        assertThat(coming.refusal(whole.description())).isEmpty();
      }
    }
  }

  /** A snapshot of the region on the left after it has taken the region in. */
  private static RangeSnapshot merged(TestStore awake) {
    RegionStore left = awake.create(LEFT.value(), KeyRange.of(Bytes.EMPTY, RANGE.start()));
    RegionStore right = awake.create(REGION.value(), RANGE);
    put(left, 2, "a");
    put(right, 2, "k");
    left.merge(3, 1, new MergeStep.Prepare(left.descriptor().epoch(), right.descriptor()));
    right.merge(3, 1, new MergeStep.Freeze(right.descriptor().epoch(), LEFT, 3));
    left.merge(4, 1, new MergeStep.Commit(3));
    return RangeSnapshot.of(awake.store(), LEFT);
  }

  private Path write(RangeSnapshot pinned) throws Exception {
    Path files = Files.createTempDirectory(directory, "snapshot");
    pinned.write(files);
    return files;
  }

  private TestStore open(String name) {
    return new TestStore(directory.resolve(name), SharedStoreConfig.defaults());
  }
}
