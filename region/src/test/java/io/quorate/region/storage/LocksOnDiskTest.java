package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.RefusalCode;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.Command;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Result;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.transaction.Decide;
import io.quorate.region.transaction.Holder;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.ResolveLocks;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.WriteLock;
import io.quorate.region.transaction.Writes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** Locks and records of transactions on a real disk: through restarts, cuts, joins and snapshots of their region. */
final class LocksOnDiskTest {
  private static final TxnId TXN = new TxnId(1, 2);
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes CUT = Bytes.utf8("m");
  private static final Bytes X = Bytes.utf8("x");
  private static final KeyRange READ = KeyRange.of(Bytes.utf8("d"), Bytes.utf8("t"));
  private static final RegionId CHILD = new RegionId(8);
  private static final MvccReader.Bounds BOUNDS = new MvccReader.Bounds(1 << 20, true);

  @TempDir
  private Path directory;

  private TestStore disk;
  private RegionStore region;
  private long index = 1;

  @BeforeEach
  void open() {
    disk = new TestStore(directory.resolve("one"), SharedStoreConfig.defaults());
    region = disk.create(7, KeyRange.ALL);
    assertThat(apply(region, 5, put(A, "old"))).isInstanceOf(Outcome.Done.class);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private static Put put(Bytes key, String value) {
    return Put.of(key, Bytes.utf8(value));
  }

  private Outcome apply(RegionStore to, long revision, Command command) {
    try (ApplySession session = to.begin()) {
      Stamped stamped =
          new Stamped(revision, to.descriptor().epoch().version(), WriteName.NONE, command);
      Outcome outcome = session
          .apply(++index, 1, LogCommands.of(to.descriptor().epoch(), List.of(stamped)))
          .get(0);
      session.commit();
      return outcome;
    }
  }

  /** Locks a and x for writing, and d to t as read; a is the primary. */
  private void prewrite() {
    Prewrite all = new Prewrite(
        new Holder(TXN, 5, A, 1000),
        new Writes(List.of(write(A, 0), write(X, 1)), List.of(READ)),
        List.of(KeyRange.ALL));
    assertThat(apply(region, 0, all)).isEqualTo(new Outcome.Done(0, Result.Prewritten.DONE));
  }

  private static Writes.Write write(Bytes key, int sub) {
    return new Writes.Write(key, new WriteLock.Intent(sub, false, 0, Bytes.utf8("new")));
  }

  private static Decide.Commit commit(long revision) {
    return new Decide.Commit(TXN, A, revision, List.of());
  }

  private static ResolveLocks resolve(long revision, KeyRange range) {
    return new ResolveLocks(List.of(
        new ResolveLocks.Resolution(TXN, ResolveLocks.Fate.COMMITTED, revision, List.of(range))));
  }

  private static RefusalCode refused(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused) outcome).refusal().code();
  }

  private static void sameLocks(LockTable one, LockTable other, KeyRange range) {
    assertThat(one.part(range)).isEqualTo(other.part(range));
    assertThat(one.lowestCommit()).isEqualTo(other.lowestCommit());
  }

  @Test
  void aRestartFindsLocksAndRecordsAsTheyWere() {
    prewrite();
    LockTable before = region.locks();
    disk.reopen();
    region = disk.store().open(region.descriptor().id());
    sameLocks(region.locks(), before, KeyRange.ALL);

    assertThat(apply(region, 7, commit(6))).isEqualTo(new Outcome.Done(6, new Result.Committed(6)));
    disk.reopen();
    region = disk.store().open(region.descriptor().id());
    assertThat(region.locks().write(A)).isNull();
    assertThat(region.locks().record(A, TXN)).isNotNull();
    assertThat(region.newest(A).modRevision()).isEqualTo(6);
    assertThat(apply(region, 0, commit(9)))
        .as("committed once")
        .isEqualTo(new Outcome.Done(0, new Result.Committed(6)));
  }

  @Test
  void othersAreKeptFromWhatIsLocked() {
    prewrite();
    assertThat(refused(apply(region, 7, put(A, "late")))).isEqualTo(RefusalCode.LOCKED);
    assertThat(refused(apply(region, 8, put(Bytes.utf8("e"), "into what was read"))))
        .isEqualTo(RefusalCode.LOCKED);
    assertThat(apply(region, 9, put(Bytes.utf8("b"), "beside"))).isInstanceOf(Outcome.Done.class);
    RangeQuery all = RangeQuery.of(KeyRange.ALL);
    assertThat(refused(region.read(all, 9, 0, BOUNDS))).isEqualTo(RefusalCode.LOCKED);
    assertThat(region.read(all, 5, 0, BOUNDS)).isInstanceOf(Outcome.Done.class);
    assertThat(region.read(all, 9, 0, BOUNDS, List.of(TXN))).isInstanceOf(Outcome.Done.class);
    assertThat(region.obstacle(A, List.of())).isPresent();
    assertThat(region.obstacle(Bytes.utf8("e"), List.of())).isEmpty();
  }

  @Test
  void theFloorStaysBelowWhatALockLeavesOpen() {
    prewrite();
    assertThat(apply(region, 20, put(Bytes.utf8("b"), "1"))).isInstanceOf(Outcome.Done.class);
    region.advanceFloor(++index, 1, new AdvanceFloor(20));
    assertThat(region.floor()).isEqualTo(5);
    assertThat(apply(region, 0, commit(6))).isInstanceOf(Outcome.Done.class);
    assertThat(apply(region, 0, resolve(6, KeyRange.ALL))).isInstanceOf(Outcome.Done.class);
    region.advanceFloor(++index, 1, new AdvanceFloor(20));
    assertThat(region.floor()).isEqualTo(20);
  }

  @Test
  void aCutDividesLocksAndAMergeUnitesThem() {
    prewrite();
    LockTable whole = region.locks();
    RegionStore child = cut();
    sameParts(whole, child);
    disk.reopen();
    region = disk.store().open(region.descriptor().id());
    child = disk.store().open(CHILD);
    sameParts(whole, child);

    // Low is the child: the primary went with it.
    index = 50;
    assertThat(apply(child, 0, commit(6))).isInstanceOf(Outcome.Done.class);
    assertThat(apply(child, 0, resolve(6, child.descriptor().range())))
        .isEqualTo(new Outcome.Done(0, new Result.Released(1)));
    assertThat(child.locks().isEmpty()).isTrue();
    merge(child);
    assertThat(child.descriptor().range()).isEqualTo(KeyRange.ALL);
    assertThat(child.locks().write(X)).isNotNull();
    assertThat(child.locks().record(A, TXN)).isNotNull();
    assertThat(apply(child, 0, resolve(6, KeyRange.ALL)))
        .isEqualTo(new Outcome.Done(6, new Result.Released(2)));
    assertThat(child.newest(X).modRevision()).isEqualTo(6);
    disk.reopen();
    assertThat(disk.store().open(CHILD).locks().isEmpty()).isTrue();
  }

  private void sameParts(LockTable whole, RegionStore child) {
    sameLocks(child.locks(), whole, KeyRange.of(Bytes.EMPTY, CUT));
    assertThat(region.locks().part(KeyRange.ALL))
        .isEqualTo(whole.part(KeyRange.of(CUT, Bytes.EMPTY)));
    assertThat(child.locks().allReads())
        .singleElement()
        .satisfies(lock -> assertThat(lock.range()).isEqualTo(KeyRange.of(READ.start(), CUT)));
    assertThat(region.locks().allReads())
        .singleElement()
        .satisfies(lock -> assertThat(lock.range()).isEqualTo(KeyRange.of(CUT, READ.end())));
  }

  private RegionStore cut() {
    RegionStore.Cut cut = region.split(
        ++index,
        1,
        new Split(RegionEpoch.FIRST, List.of(new Split.Cut(CUT, CHILD, List.of(81L)))),
        new Seeds());
    assertThat(cut.born()).hasSize(1);
    return cut.born().get(0);
  }

  private void merge(RegionStore left) {
    long prepared = ++index;
    assertThat(left.merge(
            prepared, 1, new MergeStep.Prepare(left.descriptor().epoch(), region.descriptor())))
        .isInstanceOf(Outcome.Merge.class);
    assertThat(region.merge(
            60,
            1,
            new MergeStep.Freeze(region.descriptor().epoch(), left.descriptor().id(), prepared)))
        .isInstanceOf(Outcome.Merge.class);
    assertThat(left.merge(++index, 1, new MergeStep.Commit(prepared)))
        .isInstanceOf(Outcome.Merge.class);
  }

  @Test
  void aSnapshotBringsThem() throws Exception {
    prewrite();
    assertThat(apply(region, 0, commit(6))).isInstanceOf(Outcome.Done.class);
    try (RangeSnapshot pinned =
            RangeSnapshot.of(disk.store(), region.descriptor().id());
        TestStore to = new TestStore(directory.resolve("two"), SharedStoreConfig.defaults())) {
      Path files = Files.createTempDirectory(directory, "files");
      pinned.write(files);
      new RangeInstall(to.store(), to.database())
          .run(files, 9, Optional.empty(), pinned.index(), 1, pinned.description(), batch -> {});
      RegionStore copy = to.store().open(region.descriptor().id());
      sameLocks(copy.locks(), region.locks(), KeyRange.ALL);
      assertThat(copy.locks().write(X)).isNotNull();
      assertThat(copy.locks().record(A, TXN)).isNotNull();
    }
  }

  private static final class Seeds implements ChildSeeds {
    @Override
    public StoreId self() {
      return new StoreId(1);
    }

    @Override
    public boolean isHere(GroupId group) {
      return false;
    }

    @Override
    public void seed(WriteBatch batch, GroupSeed seed) {}
  }
}
