package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import io.quorate.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * Old versions are removed while regions are written, cut, replaced by snapshots and restarted, in steps of any size: what may be
 * read stays as the naive model says, what is below the floor is refused, and in the end nothing is left that nobody may read.
 */
final class CleaningProperties {
  private static final MvccReader.Bounds BOUNDS = new MvccReader.Bounds(1 << 20, true);
  private static final AtomicLong regions = new AtomicLong(1);

  @TempDir
  static Path directory;

  private static TestStore cached;
  private static TestStore uncached;

  @BeforeAll
  static void open() {
    cached = new TestStore(directory.resolve("cached"), SharedStoreConfig.defaults());
    uncached = new TestStore(
        directory.resolve("uncached"), SharedStoreConfig.defaults().withCacheBytes(0));
  }

  @AfterAll
  static void close() {
    cached.close();
    uncached.close();
  }

  /** Children live here, their logs begin nowhere. */
  private static final class Births implements ChildSeeds {
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

  /** One region, its model, and the pass under way. */
  private static final class Part {
    RegionStore region;
    EtcdModel model;
    Optional<CleaningPass> pass = Optional.empty();

    Part(RegionStore region, EtcdModel model) {
      this.region = region;
      this.model = model;
    }
  }

  private static final class World {
    final Random random;
    final TestStore store;
    final Commands commands;
    final List<Part> parts = new ArrayList<>();
    long revision = 1;

    World(long seed, TestStore store) {
      this.random = new Random(seed);
      this.store = store;
      long id = regions.incrementAndGet();
      Bytes prefix = Bytes.utf8("region-" + id + "/");
      this.commands = new Commands(random, prefix);
      RegionStore region = store.create(id, KeyRange.prefix(prefix));
      parts.add(new Part(region, new EtcdModel(region.descriptor())));
    }

    void write(Part part, int count) {
      List<Stamped> batch = new ArrayList<>();
      List<Outcome> expected = new ArrayList<>();
      long epoch = part.region.descriptor().epoch().version();
      for (int i = 0; i < count; i++) {
        revision += 1 + random.nextInt(3);
        Stamped stamped = new Stamped(revision, epoch, WriteName.NONE, commands.command(revision));
        batch.add(stamped);
        expected.add(part.model.apply(stamped));
      }
      LogCommands entry = LogCommands.of(part.region.descriptor().epoch(), batch);
      try (ApplySession session = part.region.begin()) {
        assertThat(session.apply(
                part.region.appliedIndex() + 1, 1, LogCodec.decode(LogCodec.encode(entry))))
            .isEqualTo(expected);
        session.commit();
      }
    }

    void raise(Part part, long to) {
      part.region.advanceFloor(part.region.appliedIndex() + 1, 1, new AdvanceFloor(to));
      long last = part.model.lastStamp();
      part.model.raiseFloor(last == 0 ? 0 : Math.min(to, last + 1));
      assertThat(part.region.floor()).isEqualTo(part.model.floor());
    }

    /** A step of the pass under way, or of a new one; whether there was anything to do. */
    boolean clean(Part part, int records) {
      if (part.pass.isEmpty()) {
        part.pass = part.region.clean();
      }
      boolean any = part.pass.isPresent();
      if (any && part.pass.get().step(records)) {
        part.pass = Optional.empty();
      }
      return any;
    }

    void cut(Part part) {
      Bytes at = commands.key();
      RegionDescriptor before = part.region.descriptor();
      if (!before.range().contains(at) || at.equals(before.range().start())) {
        return;
      }
      long id = regions.incrementAndGet();
      Split split =
          new Split(before.epoch(), List.of(new Split.Cut(at, new RegionId(id), List.of(id))));
      RegionStore.Cut cut =
          part.region.split(part.region.appliedIndex() + 1, 1, split, new Births());
      RegionStore child = cut.born().get(0);
      parts.add(new Part(child, part.model.cut(child.descriptor())));
      part.model = part.model.cut(part.region.descriptor());
    }

    /** Has a region take in its right neighbour, as the entries of a merge do; a pass of either is in the middle of something. */
    void join(Part left) {
      Optional<Part> neighbour = parts.stream()
          .filter(other -> other
              .region
              .descriptor()
              .range()
              .start()
              .equals(left.region.descriptor().range().end()))
          .findFirst();
      if (neighbour.isEmpty()) {
        return;
      }
      Part right = neighbour.get();
      RegionId id = left.region.descriptor().id();
      long generation = left.region.appliedIndex() + 1;
      step(
          left, new MergeStep.Prepare(left.region.descriptor().epoch(), right.region.descriptor()));
      step(right, new MergeStep.Freeze(right.region.descriptor().epoch(), id, generation));
      step(left, new MergeStep.Commit(generation));
      parts.remove(right);
      left.model = left.model.join(right.model, left.region.descriptor());
      assertThat(left.region.floor()).isEqualTo(left.model.floor());
    }

    private static void step(Part part, MergeStep step) {
      assertThat(part.region.merge(part.region.appliedIndex() + 1, 1, step))
          .isInstanceOf(Outcome.Merge.class);
    }

    /** All that is in memory is lost, the pass too. */
    void restart() {
      store.forget();
      for (Part part : parts) {
        part.region = store.store().open(part.region.descriptor().id());
        part.pass = Optional.empty();
      }
    }

    /** The replica is replaced by its own snapshot, with a pass under way perhaps. */
    void replace(Part part) throws IOException {
      Path to = Files.createTempDirectory(directory, "snapshot");
      RegionId id = part.region.descriptor().id();
      try (RangeSnapshot pinned = RangeSnapshot.of(store.store(), id)) {
        pinned.write(to);
        part.region.replace(() -> new RangeInstall(store.store(), store.database())
            .run(
                to,
                1,
                Optional.of(part.region.descriptor().range()),
                pinned.index(),
                pinned.term(),
                pinned.description(),
                batch -> {}));
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    /** Of a store whose build kept no record: how far it is cleaned, and where its changes are, is not known. */
    void forgetRecord(Part part) throws Exception {
      store
          .store()
          .db()
          .delete(
              store.store().family(SharedStore.META),
              RegionMeta.key(RegionMeta.CLEANED, part.region.descriptor().id()));
      part.pass = Optional.empty();
    }

    void checkReads(Part part) {
      long floor = part.model.floor();
      RegionDescriptor region = part.region.descriptor();
      for (long at = 1; at <= revision; at += 1 + random.nextInt(3)) {
        RangeQuery drawn = commands.query(at).at(at);
        RangeQuery query = region.range().contains(drawn.range())
            ? drawn
            : RangeQuery.of(region.range()).at(at);
        Outcome expected = at < floor
            ? new Outcome.Refused(Refusal.compacted(floor))
            : new Outcome.Done(revision, new Result.Found(part.model.range(query, at)));
        assertThat(part.region.read(query, revision, 0, BOUNDS))
            .as("%s", query)
            .isEqualTo(expected);
      }
      for (long at : List.of(floor - 1, floor, floor + 1)) {
        if (at > 0 && at <= revision) {
          RangeQuery query = RangeQuery.of(region.range()).at(at);
          assertThat(part.region.read(query, revision, 0, BOUNDS))
              .isEqualTo(
                  at < floor
                      ? new Outcome.Refused(Refusal.compacted(floor))
                      : new Outcome.Done(revision, new Result.Found(part.model.range(query, at))));
        }
      }
    }

    /** What stands of each key, oldest first. */
    Map<Bytes, List<Version>> stored(Part part) {
      Map<Bytes, List<Version>> found = new TreeMap<>();
      SharedStore shared = store.store();
      try (ReadOptions options = new ReadOptions().setTotalOrderSeek(true);
          RocksIterator version = shared.db().newIterator(shared.data(), options)) {
        for (version.seek(DataRange.lower(part.region.descriptor().range()));
            version.isValid();
            version.next()) {
          Bytes key = VersionKey.key(version.key());
          if (!part.region.descriptor().range().contains(key)) {
            break;
          }
          found
              .computeIfAbsent(key, absent -> new ArrayList<>())
              .add(0, VersionRecord.decode(version.key(), version.value(), true));
        }
      }
      return found;
    }

    /** Notes of changes that are left under the region's id. */
    List<Long> notes(Part part) {
      List<Long> revisions = new ArrayList<>();
      SharedStore shared = store.store();
      RegionId id = part.region.descriptor().id();
      try (ReadOptions options = new ReadOptions().setTotalOrderSeek(true);
          RocksIterator change =
              shared.db().newIterator(shared.family(SharedStore.CHANGES), options)) {
        for (change.seek(ChangeRecord.key(id, 0, 0)); change.isValid(); change.next()) {
          byte[] place = change.key();
          if (!java.util.Arrays.equals(
              place, 0, Long.BYTES, ChangeRecord.key(id, 0, 0), 0, Long.BYTES)) {
            break;
          }
          revisions.add(java.nio.ByteBuffer.wrap(place).getLong(Long.BYTES));
        }
      }
      return revisions;
    }

    /** Raises all floors as far as they go, cleans to the end, and looks that nothing is left. */
    void settle() {
      for (Part part : parts) {
        if (part.model.lastStamp() == 0) {
          continue;
        }
        raise(part, Long.MAX_VALUE);
        for (int i = 0;
            clean(part, 1 + random.nextInt(20)) || part.region.clean().isPresent();
            i++) {
          assertThat(i).as("steps").isLessThan(100_000);
        }
        checkReads(part);
        Map<Bytes, List<Version>> expected = new TreeMap<>();
        for (Bytes key : part.model.history().keySet()) {
          List<Version> kept = part.model.kept(key);
          if (!kept.isEmpty()) {
            expected.put(key, kept);
          }
        }
        assertThat(stored(part)).isEqualTo(expected);
        assertThat(notes(part)).allMatch(noted -> noted >= part.model.floor());
        assertThat(store.store().changesWholeAbove(part.region.descriptor().id()))
            .hasValue(part.model.floor() - 1);
      }
    }
  }

  @Seeds(600)
  void whatMayBeReadStaysAndTheRestGoes(long seed) throws Exception {
    World world = new World(seed, seed % 2 == 0 ? cached : uncached);
    Random random = world.random;
    for (int i = 0; i < 40; i++) {
      Part part = world.parts.get(random.nextInt(world.parts.size()));
      switch (random.nextInt(13)) {
        case 0, 1, 2, 3 -> world.write(part, 1 + random.nextInt(4));
        case 4 -> world.raise(part, random.nextInt((int) world.revision + 3));
        case 5, 6, 7 -> world.clean(part, 1 + random.nextInt(4));
        case 8 -> {
          if (world.parts.size() < 4) {
            world.cut(part);
          }
        }
        case 9 -> world.restart();
        case 12 -> world.join(part);
        case 10 -> {
          if (random.nextInt(6) == 0) {
            world.replace(part);
          } else if (random.nextInt(20) == 0) {
            world.forgetRecord(part);
          }
        }
        default -> world.checkReads(part);
      }
    }
    world.settle();
    // And it goes on from there.
    for (Part part : List.copyOf(world.parts)) {
      world.write(part, 3);
      world.checkReads(part);
    }
    world.settle();
  }

  /** Its record is of the moment it was pinned, and so must its notes be, however much was removed before it was written. */
  @Test
  void aSnapshotPinnedBeforeCleaningBringsTheNotesThatItsRecordTellsOf() throws Exception {
    World here = new World(1, cached);
    Part part = here.parts.get(0);
    for (int i = 0; i < 20; i++) {
      here.write(part, 4);
    }
    SharedStore shared = cached.store();
    // Into files that could be dropped whole.
    shared.db().compactRange(shared.family(SharedStore.CHANGES));
    RegionId id = part.region.descriptor().id();
    Path files = Files.createTempDirectory(directory, "pinned");
    EtcdModel asPinned = part.model.cut(part.region.descriptor());
    try (RangeSnapshot pinned = RangeSnapshot.of(shared, id);
        TestStore other = new TestStore(directory.resolve("other"), SharedStoreConfig.defaults())) {
      here.settle();
      pinned.write(files);
      new RangeInstall(other.store(), other.database())
          .run(
              files,
              1,
              Optional.empty(),
              pinned.index(),
              pinned.term(),
              pinned.description(),
              batch -> {});
      World there = new World(2, other);
      there.parts.clear();
      there.revision = here.revision;
      there.parts.add(new Part(other.store().open(id), asPinned));
      there.settle();
    }
  }
}
