package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

final class SplitWriteTest {
  private static final RegionId PARENT = new RegionId(7);
  private static final RegionId CHILD = new RegionId(8);
  private static final Bytes LOW = Bytes.utf8("a");
  private static final Bytes CUT = Bytes.utf8("m");
  private static final Bytes HIGH = Bytes.utf8("x");

  @TempDir
  private Path directory;

  private TestStore store;
  private RegionStore parent;
  private final Log log = new Log();

  /** The log's side, remembered. */
  private static final class Log implements ChildSeeds {
    private final List<GroupSeed> seeded = new ArrayList<>();
    private long self = 1;
    private boolean here;

    @Override
    public StoreId self() {
      return new StoreId(self);
    }

    @Override
    public boolean isHere(GroupId group) {
      return here;
    }

    @Override
    public void seed(WriteBatch batch, GroupSeed seed) {
      seeded.add(seed);
    }
  }

  @BeforeEach
  void open() {
    store = new TestStore(directory, SharedStoreConfig.defaults());
    parent = store.create(PARENT.value(), KeyRange.ALL);
    put(parent, 2, 5, 1, LOW);
    put(parent, 3, 6, 1, HIGH);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Outcome put(
      RegionStore region, long index, long revision, long epochVersion, Bytes key) {
    try (ApplySession session = region.begin()) {
      Stamped put = new Stamped(
          revision, epochVersion, WriteName.NONE, Put.of(key, Bytes.utf8("at " + revision)));
      Outcome outcome = session
          .apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)))
          .get(0);
      session.commit();
      return outcome;
    }
  }

  private static Split split() {
    return new Split(RegionEpoch.FIRST, List.of(new Split.Cut(CUT, CHILD, List.of(81L))));
  }

  private RegionStore cut() {
    RegionStore.Cut cut = parent.split(4, 2, split(), log);
    assertThat(cut.outcome()).isInstanceOf(Outcome.Split.class);
    assertThat(cut.born()).hasSize(1);
    return cut.born().get(0);
  }

  @Test
  void eachPartHasItsKeysAndRefusesTheOthers() {
    RegionStore child = cut();

    assertThat(child.newest(LOW).modRevision()).isEqualTo(5);
    assertThat(put(child, 6, 7, 2, HIGH)).isInstanceOf(Outcome.EpochMismatch.class);
    assertThat(put(parent, 5, 7, 2, LOW)).isInstanceOf(Outcome.EpochMismatch.class);
    assertThat(put(parent, 6, 8, 1, HIGH)).isInstanceOf(Outcome.EpochMismatch.class);
    assertThat(put(parent, 7, 8, 2, HIGH)).isInstanceOf(Outcome.Done.class);
    assertThat(put(child, 7, 9, 2, LOW)).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void theChildGoesOnAboveTheParentsStampsFromASeededBase() {
    RegionStore child = cut();

    assertThat(child.lastStamp()).isEqualTo(6);
    assertThat(put(child, 6, 6, 2, LOW)).isEqualTo(new Outcome.Restamp(6));
    assertThat(child.appliedIndex()).isEqualTo(6);
    GroupSeed seed = log.seeded.get(0);
    assertThat(seed.index()).isEqualTo(Split.BASE_INDEX).isGreaterThan(1);
    assertThat(seed.term()).isEqualTo(Split.BASE_TERM);
    assertThat(seed.membership().voters().get(0).replica()).isEqualTo(81);
  }

  @Test
  void readersHearOfASplitThatTakesDataAwayAndOfNoOther() {
    long before = parent.readMark();
    cut();
    assertThat(parent.isWholeSince(before)).isTrue();

    log.here = true;
    RegionStore.Cut away = parent.split(
        5,
        2,
        new Split(
            parent.descriptor().epoch(),
            List.of(new Split.Cut(Bytes.utf8("p"), new RegionId(9), List.of(91L)))),
        log);
    assertThat(away.born()).isEmpty();
    assertThat(parent.isWholeSince(before)).isFalse();
    assertThat(parent.isWholeSince(parent.readMark())).isTrue();
  }

  @Test
  void aRestartFindsBothPartsAndDoesNotCutAgain() {
    cut();
    store.reopen();

    parent = store.store().open(PARENT);
    RegionStore child = store.store().open(CHILD);
    assertThat(parent.appliedIndex()).isEqualTo(4);
    assertThat(parent.descriptor().range()).isEqualTo(KeyRange.of(CUT, Bytes.EMPTY));
    assertThat(child.descriptor().range()).isEqualTo(KeyRange.of(Bytes.EMPTY, CUT));
    assertThat(child.appliedIndex()).isEqualTo(Split.BASE_INDEX);
    assertThat(child.lastStamp()).isEqualTo(6);
    assertThat(parent.split(4, 2, split(), log).outcome())
        .isEqualTo(new Outcome.EpochMismatch(parent.descriptor()));
    assertThat(store.store().regions()).hasSize(2);
  }

  @Test
  void theChildRemembersUnderWhichIdsItsOlderChangesLie() {
    cut();
    byte[] record = store.store().readMeta(RegionMeta.LINEAGE, CHILD);
    assertThat(record).isNotNull();
    assertThat(Lineage.decode(record == null ? new byte[0] : record))
        .isEqualTo(new Lineage(0, List.of(new Lineage.Ancestor(PARENT, 6))));
  }

  @Test
  void aLineageIsBoundedAndSaysFromWhereItIsComplete() {
    Lineage lineage = Lineage.NONE;
    for (int i = 1; i <= Lineage.MAX_ANCESTORS + 2; i++) {
      lineage = lineage.ofChild(new RegionId(i), 10L * i, 0);
    }
    assertThat(lineage.ancestors()).hasSize(Lineage.MAX_ANCESTORS);
    assertThat(lineage.completeFrom()).isEqualTo(21);
    assertThat(lineage.ofChild(new RegionId(99), 900, 800).ancestors()).hasSize(1);
  }

  @Test
  void aChildThatHasNoPeerHereOrIsHereAlreadyLeavesNoData() {
    for (boolean elsewhere : List.of(true, false)) {
      RegionStore other = parent;
      log.self = elsewhere ? 2 : 1;
      log.here = !elsewhere;
      RegionStore.Cut cut = other.split(
          elsewhere ? 4 : 5,
          2,
          new Split(
              other.descriptor().epoch(),
              List.of(new Split.Cut(
                  elsewhere ? CUT : Bytes.utf8("n"),
                  new RegionId(elsewhere ? 8 : 9),
                  List.of(81L)))),
          log);
      assertThat(cut.outcome()).isInstanceOf(Outcome.Split.class);
      assertThat(cut.born()).isEmpty();
    }
    assertThat(log.seeded).isEmpty();
    assertThat(store.store().regions()).extracting(RegionDescriptor::id).containsExactly(PARENT);
    assertThat(parent.newest(HIGH).isLive()).isTrue();
    try (PointLookup lookup = new PointLookup(store.store())) {
      assertThat(lookup.at(LOW, Long.MAX_VALUE, true).isLive()).isFalse();
    }
  }

  @Test
  void aChildWithDataBeforeItsParentWasCutIsABrokenInvariant() {
    store.create(CHILD.value(), KeyRange.single(LOW));
    assertThatThrownBy(() -> parent.split(4, 2, split(), log))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is here before its parent");
  }

  @Test
  void aReaderOfTheParentDoesNotFillTheCacheForTheChild() {
    RocksView late = new RocksView(
        store.store(), parent.sequence(), key -> parent.descriptor().range().contains(key));
    cut();
    store.store().cache().forget(KeyRange.ALL);

    assertThat(late.newest(LOW).modRevision()).isEqualTo(5);
    assertThat(store.store().cache().get(LOW)).isNull();
    assertThat(late.newest(HIGH).modRevision()).isEqualTo(6);
    assertThat(store.store().cache().get(HIGH)).isNotNull();
  }

  @Test
  void sumsDifferWhereDataDoesAndNotByWhatCleaningMayRemove() {
    RegionSum.Sum before = sum(3, 0);
    assertThat(sum(3, 0)).isEqualTo(before);
    put(parent, 4, 7, 1, LOW);
    RegionSum.Sum after = sum(3, 0);
    assertThat(after.count()).isEqualTo(before.count() + 1);
    assertThat(after.sum()).isNotEqualTo(before.sum());
    // At revision 7 the version of revision 5 is seen no more.
    assertThat(sum(3, 7).count()).isEqualTo(2);
    assertThat(sum(3, 6).count()).isEqualTo(3);
  }

  private RegionSum.Sum sum(long index, long revision) {
    try (RegionSum sum = parent.sum(index, revision)) {
      return sum.run();
    }
  }
}
