package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Put;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * A snapshot's way from one store into another. Method: both stores are real; the install is broken off after each of its steps,
 * the store reopened, what a start does is done, and the install tried again.
 */
class RangeInstallTest {
  private static final RegionId REGION = new RegionId(7);
  private static final KeyRange RANGE = KeyRange.of(Bytes.utf8("k"), Bytes.utf8("q"));
  private static final KeyRange NEIGHBOUR = KeyRange.of(Bytes.utf8("q"), Bytes.EMPTY);

  @TempDir
  Path directory;

  private static final class Crash extends RuntimeException {}

  @Test
  void pinnedStateIsOfItsMomentHoweverMuchIsWrittenAfter() throws Exception {
    try (TestStore from = open("from")) {
      RegionStore region = from.create(7, RANGE);
      put(region, 2, "k1", "old");
      RangeSnapshot pinned = RangeSnapshot.of(from.store(), REGION);
      put(region, 3, "k1", "new");
      put(region, 4, "k2", "new");
      assertThat(pinned.index()).isEqualTo(2);
      Path files = write(pinned);
      try (TestStore to = open("to")) {
        new RangeInstall(to.store(), to.database())
            .run(files, 9, Optional.empty(), 2, 1, pinned.description(), batch -> {});
        RegionStore installed = to.store().open(REGION);
        assertThat(installed.newest(Bytes.utf8("k1")).value()).isEqualTo(Bytes.utf8("old"));
        assertThat(installed.newest(Bytes.utf8("k2")).isLive()).isFalse();
        assertThat(installed.appliedIndex()).isEqualTo(2);
        assertThat(installed.lastStamp()).isEqualTo(region.lastStamp() - 2);
      }
      pinned.close();
    }
  }

  @ParameterizedTest
  @EnumSource(RangeInstall.Step.class)
  void crashAfterAnyStepLeavesAWholeOrAnEmptyReplica(RangeInstall.Step crashAfter)
      throws Exception {
    try (TestStore from = open("from");
        TestStore to = open("to")) {
      RegionStore region = from.create(7, RANGE);
      for (int i = 2; i < 200; i++) {
        put(region, i, "k" + i, "new " + i);
      }
      List<String> expected = dump(from, RANGE);
      RegionStore old = to.create(7, RANGE);
      put(old, 2, "k1", "gone");
      put(old, 3, "k2", "old");
      RegionStore neighbour = to.create(8, NEIGHBOUR);
      put(neighbour, 2, "q", "kept");
      to.database().sync();

      RangeSnapshot pinned = RangeSnapshot.of(from.store(), REGION);
      Path files = write(pinned);
      RangeInstall crashing = new RangeInstall(to.store(), to.database(), step -> {
        if (step == crashAfter) {
          throw new Crash();
        }
      });
      assertThatThrownBy(() -> install(crashing, files, pinned)).isInstanceOf(Crash.class);
      to.reopen();

      if (crashAfter != RangeInstall.Step.DONE) {
        ReplicaRecord marker = to.store().replica(REGION).orElseThrow();
        assertThat(marker.state()).isEqualTo(ReplicaRecord.State.INSTALLING);
        try (WriteBatch batch = new WriteBatch()) {
          new RangeInstall(to.store(), to.database()).wipe(batch, REGION, marker);
          to.database().write(batch);
        }
        assertThat(to.store().replica(REGION).orElseThrow().state())
            .isEqualTo(ReplicaRecord.State.EMPTY);
        assertThat(to.store().regions()).extracting(r -> r.id()).containsExactly(new RegionId(8));
        assertThat(dump(to, RANGE)).isEmpty();
        Path again = write(RangeSnapshot.of(from.store(), REGION));
        install(new RangeInstall(to.store(), to.database()), again, pinned);
      }
      assertThat(dump(to, RANGE)).isEqualTo(expected);
      assertThat(to.store().open(REGION).appliedIndex()).isEqualTo(199);
      assertThat(to.store().replica(REGION).orElseThrow().state())
          .isEqualTo(ReplicaRecord.State.HELD);
      RegionStore unhurt = to.store().open(new RegionId(8));
      assertThat(unhurt.newest(Bytes.utf8("q")).value()).isEqualTo(Bytes.utf8("kept"));
      pinned.close();
    }
  }

  @Test
  void whoReadsDuringAnInstallIsToldThatItWasNotTheRegion() throws Exception {
    try (TestStore from = open("from");
        TestStore to = open("to")) {
      RegionStore region = from.create(7, RANGE);
      put(region, 2, "k1", "new");
      RegionStore old = to.create(7, RANGE);
      put(old, 2, "k1", "old");
      RangeSnapshot pinned = RangeSnapshot.of(from.store(), REGION);
      Path files = write(pinned);
      long before = old.readMark();
      assertThat(old.isWholeSince(before)).isTrue();

      old.replace(() -> {
        assertThat(old.isWholeSince(before)).isFalse();
        long during = old.readMark();
        assertThat(old.isWholeSince(during)).isFalse();
        try {
          install(new RangeInstall(to.store(), to.database()), files, pinned);
        } catch (Exception e) {
          throw new IOException(e);
        }
      });

      assertThat(old.isWholeSince(before)).isFalse();
      assertThat(old.isWholeSince(old.readMark())).isTrue();
      assertThat(old.newest(Bytes.utf8("k1")).value()).isEqualTo(Bytes.utf8("new"));
      pinned.close();
    }
  }

  @Test
  void readersOfARetiredReplicaAreToldAndLeaveNothingInMemory() {
    Bytes key = Bytes.utf8("k1");
    try (TestStore store = open("from")) {
      RegionStore region = store.create(7, RANGE);
      put(region, 2, "k1", "old");
      store.store().forget(RANGE);
      region.retire();
      region.retire();
      assertThat(region.isWholeSince(region.readMark())).isFalse();
      assertThat(region.newest(key).isLive()).isTrue();
      assertThat(store.store().cache().get(key)).isNull();
    }
  }

  private static void install(RangeInstall install, Path files, RangeSnapshot pinned)
      throws Exception {
    install.run(
        files,
        9,
        Optional.of(RANGE),
        pinned.index(),
        pinned.term(),
        pinned.description(),
        batch -> {});
  }

  private Path write(RangeSnapshot pinned) throws Exception {
    Path files = Files.createTempDirectory(directory, "files");
    pinned.write(files);
    return files;
  }

  private TestStore open(String name) {
    return new TestStore(directory.resolve(name), SharedStoreConfig.defaults());
  }

  private static void put(RegionStore region, long index, String key, String value) {
    try (ApplySession session = region.begin()) {
      Stamped put =
          new Stamped(index, 1, WriteName.NONE, Put.of(Bytes.utf8(key), Bytes.utf8(value)));
      session.apply(index, 1, LogCommands.of(region.descriptor().epoch(), List.of(put)));
      session.commit();
    }
  }

  /** All that the range has in the families, as text. */
  private static List<String> dump(TestStore store, KeyRange range) {
    List<String> all = new ArrayList<>();
    for (RangeSlices.FamilySlice slice : RangeSlices.of(REGION, range)) {
      try (ReadOptions options = new ReadOptions().setTotalOrderSeek(true);
          RocksIterator entry =
              store.database().db().newIterator(store.database().family(slice.family()), options)) {
        for (entry.seek(slice.lower().unsafeArray()); entry.isValid(); entry.next()) {
          if (Bytes.wrap(entry.key()).compareTo(slice.upper()) >= 0) {
            break;
          }
          all.add(slice.family() + Bytes.wrap(entry.key()) + Bytes.wrap(entry.value()));
        }
      }
    }
    return all;
  }
}
