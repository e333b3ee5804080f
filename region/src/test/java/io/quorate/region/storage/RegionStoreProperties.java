package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.Version;
import io.quorate.testing.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Random commands against the naive model: outcomes, every past revision, restarts, batches of every size. */
final class RegionStoreProperties {
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

  /** One seed's region in one store, beside its model. */
  private static final class World {
    final Random random;
    final TestStore store;
    final Commands commands;
    final EtcdModel model;
    RegionStore region;
    long revision = 1;

    World(long seed, TestStore store) {
      this.random = new Random(seed);
      this.store = store;
      long id = regions.incrementAndGet();
      Bytes prefix = Bytes.utf8("region-" + id + "/");
      this.commands = new Commands(random, prefix);
      this.region = store.create(id, KeyRange.prefix(prefix));
      this.model = new EtcdModel(region.descriptor());
    }

    Stamped draw() {
      revision += 1 + random.nextInt(3);
      long stamp = random.nextInt(25) == 0 ? revision - random.nextInt(6) : revision;
      long epoch = random.nextInt(40) == 0 ? 2 : 1;
      return new Stamped(stamp, epoch, WriteName.NONE, commands.command(stamp));
    }

    void restart() {
      store.forget();
      region = store.store().open(region.descriptor().id());
    }

    /** Applies some entries in one session and compares the outcomes. */
    void step(int entries) {
      List<Outcome> expected = new ArrayList<>();
      List<Outcome> actual = new ArrayList<>();
      long index = region.appliedIndex();
      try (ApplySession session = region.begin()) {
        for (int i = 0; i < entries; i++) {
          List<Stamped> batch = new ArrayList<>();
          for (int j = 1 + random.nextInt(4); j > 0; j--) {
            Stamped stamped = draw();
            batch.add(stamped);
            expected.add(model.apply(stamped));
          }
          LogCommands entry = LogCommands.of(region.descriptor().epoch(), batch);
          assertThat(LogCodec.decode(LogCodec.encode(entry))).isEqualTo(entry);
          index += 1 + random.nextInt(2);
          actual.addAll(session.apply(index, 1, LogCodec.decode(LogCodec.encode(entry))));
        }
        session.commit();
      }
      assertThat(actual).isEqualTo(expected);
      assertThat(region.appliedIndex()).isEqualTo(index);
    }

    void checkReads() {
      for (Bytes key : commands.keys()) {
        List<Version> versions = model.history().getOrDefault(key, List.of());
        Version newest = versions.isEmpty() ? Version.NONE : versions.get(versions.size() - 1);
        assertThat(region.newest(key)).isEqualTo(newest.orAbsent());
      }
      for (long at = 1; at <= revision; at += 1 + random.nextInt(5)) {
        RangeQuery query = commands.query(at).at(random.nextBoolean() ? at : 0);
        long shown = query.revision() == 0 ? revision : at;
        assertThat(region.read(query, revision, 0, BOUNDS))
            .as("%s", query)
            .isEqualTo(new Outcome.Done(revision, new Result.Found(model.range(query, shown))));
      }
    }
  }

  @Seeds(2000)
  void commandsDoWhatTheNaiveModelSays(long seed) {
    World world = new World(seed, seed % 2 == 0 ? cached : uncached);
    for (int i = 0; i < 6; i++) {
      world.step(1 + world.random.nextInt(3));
      if (world.random.nextInt(4) == 0) {
        world.restart();
      }
      world.checkReads();
    }
  }

  @Seeds(100)
  void pagesJoinToTheWhole(long seed) {
    World world = new World(seed, cached);
    world.step(12);
    for (int i = 0; i < 10; i++) {
      RangeQuery query = RangeQuery.of(world.commands.range())
          .at(1 + world.random.nextInt((int) world.revision))
          .withPageBytes(1 + world.random.nextInt(200));
      List<KeyVersion> joined = new ArrayList<>();
      RangeResult page;
      RangeQuery rest = query;
      do {
        Outcome outcome = world.region.read(rest, world.revision, 0, BOUNDS);
        page = ((Result.Found) ((Outcome.Done) outcome).result()).range();
        joined.addAll(page.items());
        if (page.more()) {
          Bytes next = page.items().get(page.items().size() - 1).key().next();
          rest = RangeQuery.of(KeyRange.of(next, query.range().end()))
              .at(query.revision())
              .withPageBytes(query.pageBytes());
        }
      } while (page.more());
      assertThat(joined).isEqualTo(world.model.range(query, query.revision()).items());
    }
  }

  @Seeds(100)
  void oneSessionDoesWhatManyDo(long seed) {
    World drawn = new World(seed, cached);
    RegionStore apart = uncached.create(
        drawn.region.descriptor().id().value(), drawn.region.descriptor().range());
    List<Stamped> all = new ArrayList<>();
    List<Outcome> singly = new ArrayList<>();
    List<Mutation> events = new ArrayList<>();
    for (int i = 2; i < 30; i++) {
      Stamped stamped = drawn.draw();
      all.add(stamped);
      try (ApplySession session = apart.begin()) {
        singly.addAll(session.apply(i, 1, entry(apart, List.of(stamped))));
        events.addAll(session.mutations());
        session.commit();
      }
    }
    try (ApplySession session = drawn.region.begin()) {
      assertThat(session.apply(2, 1, entry(drawn.region, all))).isEqualTo(singly);
      assertThat(session.mutations()).isEqualTo(events);
      session.commit();
    }
    RangeQuery whole = RangeQuery.of(drawn.region.descriptor().range());
    assertThat(drawn.region.read(whole, drawn.revision, 0, BOUNDS))
        .isEqualTo(apart.read(whole, drawn.revision, 0, BOUNDS));
    assertThat(drawn.region.lastStamp()).isEqualTo(apart.lastStamp());
  }

  private static LogCommands entry(RegionStore region, List<Stamped> commands) {
    return LogCommands.of(region.descriptor().epoch(), commands);
  }

  @Seeds(100)
  void aLookAheadNeverDiffersFromTheLog(long seed) {
    World world = new World(seed, cached);
    for (int i = 0; i < 15; i++) {
      world.step(1);
      long stamp = world.revision + 1;
      var command = world.commands.command(stamp);
      var foreseen = world.region.foresee(command, world.revision);
      Outcome real = world.model.apply(new Stamped(stamp, 1, WriteName.NONE, command));
      try (ApplySession session = world.region.begin()) {
        Stamped stamped = new Stamped(stamp, 1, WriteName.NONE, command);
        long next = world.region.appliedIndex() + 1;
        assertThat(session.apply(next, 1, entry(world.region, List.of(stamped))))
            .containsExactly(real);
        assertThat(foreseen.isPresent())
            .isEqualTo(session.mutations().isEmpty() || real instanceof Outcome.Refused);
        foreseen.ifPresent(outcome -> assertThat(result(outcome)).isEqualTo(result(real)));
        session.commit();
      }
      world.revision = stamp;
    }
  }

  private static Object result(Outcome outcome) {
    return outcome instanceof Outcome.Done done ? done.result() : outcome;
  }

  @Seeds(10)
  void aRestartOfTheStoreKeepsEverything(long seed, @TempDir Path own) {
    try (TestStore store = new TestStore(own, SharedStoreConfig.defaults())) {
      World world = new World(seed, store);
      for (int i = 0; i < 4; i++) {
        world.step(5);
        long stamp = world.region.lastStamp();
        store.reopen();
        RegionId id = world.region.descriptor().id();
        world.region = store.store().open(id);
        assertThat(world.region.lastStamp()).isEqualTo(stamp);
        assertThat(store.store().regions()).containsExactly(world.region.descriptor());
        world.checkReads();
        for (Map.Entry<Bytes, List<Version>> key : world.model.history().entrySet()) {
          for (Version version : key.getValue()) {
            RangeQuery query = RangeQuery.of(key.getKey()).at(version.modRevision());
            assertThat(world.region.read(query, world.revision, 0, BOUNDS))
                .isEqualTo(new Outcome.Done(
                    world.revision, new Result.Found(world.model.range(query, query.revision()))));
          }
        }
      }
    }
  }

  @Seeds(50)
  void readsOutsideTheKeptHistoryAreRefused(long seed) {
    World world = new World(seed, cached);
    world.step(5);
    RangeQuery query = world.commands.query(1);
    assertThat(world.region.read(query.at(world.revision + 1), world.revision, 0, BOUNDS))
        .isEqualTo(new Outcome.Refused(Refusal.FUTURE_REVISION));
    assertThat(world.region.read(query.at(4), world.revision, 5, BOUNDS))
        .isEqualTo(new Outcome.Refused(Refusal.compacted(5)));
    assertThat(world.region.read(query.at(5), Math.max(5, world.revision), 5, BOUNDS))
        .isInstanceOf(Outcome.Done.class);
  }
}
