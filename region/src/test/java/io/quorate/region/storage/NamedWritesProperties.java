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
import io.quorate.region.command.PastWrites;
import io.quorate.region.command.Put;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.Txn;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.Version;
import io.quorate.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/**
 * Clients send writes under names, repeat what they are in doubt about, and attempts come late, twice and in any order. Three
 * replicas apply the same log: one never restarts, one restarts before every entry, one comes anew by a snapshot now and then; the
 * region is cut and joined again, its floor rises and its old versions go. Each must say what a model says that remembers all, and
 * hold the same data.
 */
final class NamedWritesProperties {
  private static final RegionId REGION = new RegionId(7);
  private static final int STEPS = 60;

  @TempDir
  private Path directory;

  private final List<TestStore> stores = new ArrayList<>();

  @BeforeEach
  void open() {
    for (int i = 0; i < 3; i++) {
      stores.add(new TestStore(directory.resolve("store-" + i), SharedStoreConfig.defaults()));
    }
  }

  @AfterEach
  void close() {
    stores.forEach(TestStore::close);
  }

  /** A write of a client, whatever has become of it. */
  private static final class Write {
    final long sequence;
    final long after;
    final Command command;
    boolean repeated;

    Write(long sequence, long after, Command command) {
      this.sequence = sequence;
      this.after = after;
      this.command = command;
    }

    WriteName name() {
      return new WriteName(5, sequence, after, repeated);
    }
  }

  /** Children are born where the parent is. */
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

  private final class World {
    final Random random;
    final Bytes prefix;
    final Commands commands;
    final List<RegionStore> replicas = new ArrayList<>();
    final List<Write> writes = new ArrayList<>();
    final Map<Long, Outcome> known = new HashMap<>();
    EtcdModel model;
    long revision = 1;
    long index = 1;
    long nextSequence = 1;
    long nextRegion = 100;

    World(long seed) {
      random = new Random(seed);
      prefix = Bytes.utf8("seed-" + seed + "/");
      commands = new Commands(random, prefix);
      for (TestStore store : stores) {
        replicas.add(store.create(REGION.value(), KeyRange.prefix(prefix)));
      }
      model = new EtcdModel(replicas.get(0).descriptor());
    }

    /** A new write, or an attempt of an old one, repeated by its client or late. */
    Stamped draw() {
      Write write;
      if (writes.isEmpty() || random.nextInt(3) == 0) {
        long heard = Math.max(0, revision - random.nextInt(8));
        write = new Write(nextSequence++, heard, commands.command(revision + 1));
        writes.add(write);
      } else {
        write = writes.get(Math.max(0, writes.size() - 1 - random.nextInt(8)));
        if (random.nextBoolean()) {
          write.repeated = true;
        }
      }
      revision += 1 + random.nextInt(2);
      long stamp = random.nextInt(25) == 0 ? revision - random.nextInt(4) : revision;
      boolean late = write.repeated && random.nextInt(3) == 0;
      WriteName name = late ? new WriteName(5, write.sequence, write.after, false) : write.name();
      return new Stamped(
          stamp, replicas.get(0).descriptor().epoch().version(), name, write.command);
    }

    Outcome expected(Stamped stamped) {
      if (stamped.revision() <= Math.max(model.lastStamp(), model.floor() - 1)) {
        return new Outcome.Restamp(Math.max(model.lastStamp(), model.floor() - 1));
      }
      if (stamped.name().after() < model.floor() - 1
          || stamped.name().after() >= stamped.revision()) {
        return new Outcome.Forgotten(model.lastStamp());
      }
      Outcome before = known.get(stamped.name().sequence());
      if (before != null) {
        if (before instanceof Outcome.Done) {
          model.judged(stamped.revision());
        }
        return before;
      }
      int versions = versions();
      Outcome outcome = model.apply(stamped);
      boolean changed = versions() != versions;
      // Of what can write nothing there is nothing to remember.
      boolean said = PastWrites.place(stamped.command().writes()).isPresent()
          && (outcome instanceof Outcome.Done
              || (outcome instanceof Outcome.Refused refused
                  && refused.refusal().code() != RefusalCode.LEASE_NOT_FOUND));
      if (changed || (stamped.name().repeated() && said)) {
        known.put(stamped.name().sequence(), outcome);
      }
      return outcome;
    }

    int versions() {
      return model.history().values().stream().mapToInt(List::size).sum();
    }

    void apply(List<Stamped> batch) {
      index++;
      List<Outcome> expected = new ArrayList<>();
      List<List<Outcome>> actual = new ArrayList<>();
      for (RegionStore replica : replicas) {
        LogCommands entry = LogCommands.of(replica.descriptor().epoch(), batch);
        try (ApplySession session = replica.begin()) {
          actual.add(session.apply(index, 1, entry));
          session.commit();
        }
      }
      for (int i = 0; i < batch.size(); i++) {
        Outcome real = actual.get(0).get(i);
        // A read in it may name a revision that is below the floor by now: then its answer cannot
        // be found again.
        boolean lost = real instanceof Outcome.Forgotten
            && known.containsKey(batch.get(i).name().sequence())
            && batch.get(i).command() instanceof Txn
            && model.floor() > 0;
        expected.add(lost ? real : expected(batch.get(i)));
      }
      assertThat(actual.get(0)).as("%s", batch).isEqualTo(expected);
      assertThat(actual.get(1)).as("restarted: %s", batch).isEqualTo(expected);
      assertThat(actual.get(2)).as("from snapshots: %s", batch).isEqualTo(expected);
    }

    void restart(int store) {
      stores.get(store).forget();
      replicas.set(store, stores.get(store).store().open(REGION));
    }

    void raiseFloor() {
      AdvanceFloor entry = new AdvanceFloor(Math.max(1, revision - 6 - random.nextInt(20)));
      model.raiseFloor(entry.judge(model.floor(), model.lastStamp(), Long.MAX_VALUE));
      index++;
      for (RegionStore replica : replicas) {
        replica.advanceFloor(index, 1, entry);
        if (random.nextBoolean()) {
          replica.clean().ifPresent(pass -> {
            while (!pass.step(100)) {}
          });
        }
      }
    }

    void cutAndJoin() {
      Bytes at = commands.key();
      RegionEpoch epoch = replicas.get(0).descriptor().epoch();
      if (at.equals(replicas.get(0).descriptor().range().start())) {
        return;
      }
      // The child takes the lower part, and the right one, which goes on, is taken in by it: so the
      // names go over twice.
      RegionId child = new RegionId(nextRegion++);
      for (int i = 0; i < replicas.size(); i++) {
        RegionStore parent = replicas.get(i);
        Split split = new Split(epoch, List.of(new Split.Cut(at, child, List.of(child.value()))));
        RegionStore left =
            parent.split(index + 1, 1, split, new Births()).born().get(0);
        long from = left.appliedIndex() + 1;
        left.merge(from, 1, new MergeStep.Prepare(left.descriptor().epoch(), parent.descriptor()));
        parent.merge(index + 2, 1, new MergeStep.Freeze(parent.descriptor().epoch(), child, from));
        assertThat(left.merge(from + 1, 1, new MergeStep.Commit(from)))
            .isInstanceOf(Outcome.Merge.class);
        replicas.set(i, left);
      }
      index = replicas.get(0).appliedIndex();
    }
  }

  @Seeds(40)
  void noWriteIsDoneTwiceAndARepeatHearsTheFirstAnswer(long seed) throws Exception {
    World world = new World(seed);
    for (int step = 0; step < STEPS; step++) {
      world.restart(1);
      if (world.random.nextInt(12) == 0) {
        snapshot(world, step);
      }
      if (world.random.nextInt(15) == 0) {
        world.raiseFloor();
      }
      List<Stamped> batch = new ArrayList<>();
      for (int i = 1 + world.random.nextInt(3); i > 0; i--) {
        batch.add(world.draw());
      }
      world.apply(batch);
    }
    for (Bytes key : world.commands.keys()) {
      var versions = world.model.history().getOrDefault(key, List.of());
      Version newest = versions.isEmpty() ? Version.NONE : versions.get(versions.size() - 1);
      for (RegionStore replica : world.replicas) {
        assertThat(replica.newest(key)).isEqualTo(newest.orAbsent());
      }
    }
  }

  private void snapshot(World world, int step) throws Exception {
    Path files = Files.createDirectory(directory.resolve("snapshot-" + step));
    TestStore from = stores.get(0);
    TestStore to = stores.get(2);
    try (RangeSnapshot pinned = RangeSnapshot.of(from.store(), REGION)) {
      pinned.write(files);
      RegionStore target = world.replicas.get(2);
      target.replace(() -> install(to, files, pinned));
    }
  }

  private static void install(TestStore to, Path files, RangeSnapshot pinned) throws IOException {
    try {
      new RangeInstall(to.store(), to.database())
          .run(
              files,
              9,
              Optional.empty(),
              pinned.index(),
              pinned.term(),
              pinned.description(),
              batch -> {});
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  /** What a split and a merge do with names. */
  @Seeds(15)
  void aWriteIsKnownAgainAfterItsRegionWasCutAndJoined(long seed) {
    World world = new World(seed);
    Bytes key = world.commands.key();
    Put put = new Put(key, Bytes.utf8("once"), 0, true, false, false);
    WriteName name = new WriteName(5, 1, 1, false);
    Stamped first = new Stamped(3, 1, name, put);
    apply(world, first);
    WriteName marked = new WriteName(5, 2, 1, true);
    Command nothing =
        new Put(world.prefix.concat(Bytes.utf8("absent")), Bytes.EMPTY, 0, false, true, false);
    List<Outcome> refused = apply(world, new Stamped(4, 1, marked, nothing));
    Stamped created = new Stamped(
        5, 1, WriteName.NONE, Put.of(world.prefix.concat(Bytes.utf8("absent")), Bytes.EMPTY));
    apply(world, created);
    world.cutAndJoin();
    long version = world.replicas.get(0).descriptor().epoch().version();
    assertThat(apply(world, new Stamped(8, version, name, put)))
        .allSatisfy(outcome -> assertThat(((Outcome.Done) outcome).revision()).isEqualTo(3));
    assertThat(apply(world, new Stamped(9, version, new WriteName(5, 2, 1, false), nothing)))
        .isEqualTo(refused);
    assertThat(world.replicas)
        .allSatisfy(replica -> assertThat(replica.newest(key).modRevision()).isEqualTo(3));
  }

  private static List<Outcome> apply(World world, Stamped stamped) {
    world.index++;
    List<Outcome> outcomes = new ArrayList<>();
    for (RegionStore replica : world.replicas) {
      try (ApplySession session = replica.begin()) {
        outcomes.addAll(session.apply(
            world.index, 1, LogCommands.of(replica.descriptor().epoch(), List.of(stamped))));
        session.commit();
      }
    }
    return outcomes;
  }
}
