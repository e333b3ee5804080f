package io.quorate.region.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.Command;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.WriteName;
import io.quorate.region.mvcc.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Regions, coordinators, readers and a network that delays, repeats and reorders, all in one thread and drawn from one seed. Each
 * region has two replicas, of which one cleans up and the other does not: they must judge alike. What is checked after every step
 * and at the end is said where it is checked.
 */
final class TransactionWorld {
  private static final int KEYS = 12;

  /** A command on its way into a region's log, in the order of the asks. */
  private record Proposal(Stamped stamped, Consumer<Outcome> answer) {}

  /** A region with its replicas and its order of writes. */
  private static final class Place {
    MemoryRegion one;
    MemoryRegion other;
    final Deque<Proposal> queue = new ArrayDeque<>();

    Place(MemoryRegion one, MemoryRegion other) {
      this.one = one;
      this.other = other;
    }
  }

  /** What somebody was told at a revision. */
  private record Seen(KeyRange range, long revision, Map<Bytes, Long> versions) {}

  private record Promise(KeyRange range, long revision) {}

  /** A transaction and its coordinator. */
  final class Coordinator {
    final TxnId id = new TxnId(random.nextLong(), random.nextLong());
    final long start = oracle;
    final List<Writes.Write> writes = new ArrayList<>();
    final List<KeyRange> reads = new ArrayList<>();
    final Set<Bytes> prewritten = new HashSet<>();
    final Set<KeyRange> readLocked = new HashSet<>();
    boolean dead;
    boolean gaveUp;
    boolean committing;
    long told;

    Bytes primary() {
      return writes.get(0).key();
    }

    List<KeyRange> spans() {
      List<KeyRange> all = new ArrayList<>(reads);
      writes.forEach(write -> all.add(KeyRange.single(write.key())));
      return all;
    }

    Holder holder() {
      return new Holder(id, start, primary(), 1000);
    }

    /** Sends the prewrites of all regions, as they are when each is delivered. */
    void prewrite() {
      for (Writes.Write write : writes) {
        send(() -> propose(
            write.key(),
            new Prewrite(holder(), new Writes(List.of(write), List.of()), spans()),
            outcome -> {
              if (outcome instanceof Outcome.Done) {
                prewritten.add(write.key());
              } else {
                gaveUp |= outcome instanceof Outcome.Refused;
              }
            }));
      }
      for (KeyRange range : reads) {
        send(() -> overParts(
            range,
            part -> propose(
                part.start(),
                new Prewrite(holder(), new Writes(List.of(), List.of(part)), List.of()),
                outcome -> {
                  if (outcome instanceof Outcome.Done) {
                    lockedRead(range, part);
                  } else {
                    gaveUp |= outcome instanceof Outcome.Refused;
                  }
                })));
      }
    }

    private final Map<KeyRange, List<KeyRange>> parts = new HashMap<>();

    private void lockedRead(KeyRange range, KeyRange part) {
      List<KeyRange> known = parts.computeIfAbsent(range, all -> new ArrayList<>());
      known.add(part);
      boolean whole = keys().stream()
          .filter(range::contains)
          .allMatch(key -> known.stream().anyMatch(one -> one.contains(key)));
      if (whole) {
        readLocked.add(range);
      }
    }

    boolean isPrewritten() {
      return prewritten.size() == writes.size() && readLocked.size() == reads.size();
    }

    void commit() {
      committing = true;
      long revision = ++oracle;
      send(() -> propose(
          primary(), new Decide.Commit(id, primary(), revision, List.of()), this::onCommit));
    }

    private void onCommit(Outcome outcome) {
      if (outcome instanceof Outcome.Done done && done.result() instanceof Result.Committed at) {
        told = at.revision();
        decided(this, told);
        resolve(
            id,
            new ResolveLocks.Resolution(id, ResolveLocks.Fate.COMMITTED, told, List.of()),
            spans());
      }
    }

    void giveUp() {
      send(() ->
          propose(primary(), new Decide.RollBack(id, start, primary(), List.of()), outcome -> {
            if (outcome instanceof Outcome.Done) {
              decided(this, 0);
              resolve(
                  id,
                  new ResolveLocks.Resolution(id, ResolveLocks.Fate.ROLLED_BACK, 0, List.of()),
                  spans());
            }
          }));
    }
  }

  private final Random random;
  private final TreeMap<Bytes, Place> regions = new TreeMap<>();
  private final List<Runnable> wire = new ArrayList<>();
  private final List<Coordinator> coordinators = new ArrayList<>();
  private final Map<TxnId, Coordinator> byId = new HashMap<>();
  private final Map<TxnId, Long> fates = new HashMap<>();
  private final Map<Bytes, TreeMap<Long, Version>> history = new TreeMap<>();
  private final List<Seen> seen = new ArrayList<>();
  private final List<Promise> promises = new ArrayList<>();
  private long oracle = 1;
  private long nextRegion = 2;

  TransactionWorld(long seed) {
    random = new Random(seed);
    regions.put(
        Bytes.EMPTY,
        new Place(
            new MemoryRegion(MemoryRegion.shape(1, KeyRange.ALL, 1)),
            new MemoryRegion(MemoryRegion.shape(1, KeyRange.ALL, 1))));
    split();
  }

  static List<Bytes> keys() {
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(Bytes.utf8(String.format("k%02d", i)));
    }
    return keys;
  }

  int committed() {
    return (int) fates.values().stream().filter(revision -> revision > 0).count();
  }

  // ------------------------------------------------------------------ steps

  void step() {
    switch (random.nextInt(20)) {
      case 0 -> begin();
      case 1, 2, 3, 4 -> coordinate();
      case 5, 6, 7, 8, 9 -> deliver();
      case 10, 11, 12, 13 -> applyOne();
      case 14 -> plainWrite();
      case 15 -> meetLock();
      case 16 -> read();
      case 17 -> promise();
      case 18 -> {
        if (random.nextInt(4) == 0) {
          raiseFloor();
        }
      }
      default -> {
        if (random.nextInt(3) == 0) {
          reshape();
        }
      }
    }
  }

  private void begin() {
    Coordinator one = new Coordinator();
    List<Bytes> all = new ArrayList<>(keys());
    java.util.Collections.shuffle(all, random);
    int writes = 1 + random.nextInt(3);
    for (int i = 0; i < writes; i++) {
      // A delete is of a key that exists as of the start; whether it does is not known here, and
      // does not matter to the rules.
      boolean delete = random.nextInt(4) == 0;
      one.writes.add(new Writes.Write(
          all.get(i),
          new WriteLock.Intent(i, delete, 0, delete ? Bytes.EMPTY : Bytes.utf8("t" + one.id))));
    }
    if (random.nextBoolean()) {
      Bytes from = all.get(writes);
      one.reads.add(
          random.nextBoolean() ? KeyRange.single(from) : new KeyRange(from, Bytes.utf8("k99")));
    }
    coordinators.add(one);
    byId.put(one.id, one);
    one.prewrite();
  }

  private void coordinate() {
    if (coordinators.isEmpty()) {
      return;
    }
    Coordinator one = coordinators.get(random.nextInt(coordinators.size()));
    if (one.dead || one.told > 0) {
      return;
    }
    if (random.nextInt(30) == 0) {
      one.dead = true;
    } else if (one.committing) {
      // Not answered, or refused as too low: again, at a new revision or none.
      if (!fates.containsKey(one.id)) {
        one.commit();
      }
    } else if (one.isPrewritten()) {
      one.commit();
    } else if (one.gaveUp) {
      one.giveUp();
    } else if (random.nextInt(4) == 0) {
      one.prewrite();
    }
  }

  private void send(Runnable message) {
    wire.add(message);
  }

  /** Any message, in any order; some stay on the wire and come again. */
  private void deliver() {
    if (!wire.isEmpty()) {
      int at = random.nextInt(wire.size());
      Runnable message = random.nextInt(6) == 0 ? wire.get(at) : wire.remove(at);
      message.run();
    }
  }

  private void plainWrite() {
    List<Bytes> all = keys();
    Bytes key = all.get(random.nextInt(all.size()));
    Place place = at(key);
    if (random.nextInt(5) == 0) {
      KeyRange range = new KeyRange(key, all.get(random.nextInt(all.size())))
          .intersect(place.one.descriptor().range());
      propose(key, new DeleteRange(range, false), outcome -> {});
    } else if (random.nextInt(3) == 0) {
      long start = oracle;
      Writes what = new Writes(
          List.of(
              new Writes.Write(key, new WriteLock.Intent(0, false, 0, Bytes.utf8("o" + start)))),
          List.of(KeyRange.single(key)));
      send(() -> propose(
          key, new WriteAtOnce(new TxnId(start, random.nextLong()), start, what), outcome -> {}));
    } else {
      propose(key, Put.of(key, Bytes.utf8("p")), outcome -> {});
    }
  }

  /** Somebody meets a lock and does what is to be done about it, a reader or one who finds it too old. */
  private void meetLock() {
    Place place = anyPlace();
    List<Lock> locks = new ArrayList<>(place.one.locks().writes(KeyRange.ALL, 100));
    locks.addAll(place.one.locks().allReads());
    if (!locks.isEmpty()) {
      Lock lock = locks.get(random.nextInt(locks.size()));
      boolean push = random.nextBoolean();
      send(() -> ask(lock, push));
    }
  }

  private void ask(Lock lock, boolean push) {
    Bytes primary = lock.holder().primary();
    Coordinator whose = byId.get(lock.txn());
    Command question = push
        ? new Decide.Push(lock.txn(), primary, oracle)
        : new Decide.Abandon(lock.txn(), lock.holder().start(), primary);
    propose(primary, question, outcome -> {
      if (!(outcome instanceof Outcome.Done done)
          || !(done.result() instanceof Result.TxnState state)) {
        return;
      }
      ResolveLocks.Fate fate = switch (state.kind()) {
        case COMMITTED -> ResolveLocks.Fate.COMMITTED;
        case ROLLED_BACK -> ResolveLocks.Fate.ROLLED_BACK;
        case LIVE -> ResolveLocks.Fate.PUSHED;
        case ABSENT -> null;
      };
      if (fate == null) {
        return;
      }
      if (state.kind() == Result.TxnState.Kind.ROLLED_BACK) {
        decided(whose, 0);
      }
      resolve(
          lock.txn(),
          new ResolveLocks.Resolution(lock.txn(), fate, state.revision(), List.of()),
          whose == null ? List.of(lock.range()) : whose.spans());
    });
  }

  private void resolve(TxnId txn, ResolveLocks.Resolution fate, List<KeyRange> spans) {
    for (KeyRange span : spans) {
      send(() -> overParts(
          span,
          part -> propose(
              part.start(),
              new ResolveLocks(List.of(
                  new ResolveLocks.Resolution(txn, fate.fate(), fate.revision(), List.of(part)))),
              outcome -> assertThat(outcome)
                  .as("what is decided can be carried out: " + fate)
                  .isNotInstanceOf(Outcome.Refused.class))));
    }
  }

  /** As a leader reads: nothing stamped in flight may get a number up to the revision, no lock may be committed up to it. */
  private void read() {
    Place place = anyPlace();
    long revision = random.nextBoolean() ? oracle : 1 + random.nextLong(oracle);
    boolean inFlight = place.queue.stream()
        .anyMatch(one -> one.stamped().revision() > 0 && one.stamped().revision() <= revision);
    KeyRange range = place.one.descriptor().range();
    if (inFlight || revision < place.one.floor()) {
      return;
    }
    if (Obstacles.ofRead(place.one.locks(), List.of(range), revision, List.of()).isPresent()) {
      return;
    }
    Map<Bytes, Long> versions = new TreeMap<>();
    for (Bytes key : keys()) {
      if (range.contains(key)) {
        versions.put(key, place.one.at(key, revision).orAbsent().modRevision());
      }
    }
    seen.add(new Seen(range, revision, versions));
  }

  private void promise() {
    Place place = anyPlace();
    long inFlight = place.queue.stream()
        .mapToLong(one -> one.stamped().revision())
        .filter(stamp -> stamp > 0)
        .min()
        .orElse(Long.MAX_VALUE);
    long lowest = Math.min(inFlight, place.one.locks().lowestCommit());
    promises.add(new Promise(place.one.descriptor().range(), Math.min(oracle, lowest - 1)));
  }

  private void raiseFloor() {
    Place place = anyPlace();
    for (MemoryRegion replica : List.of(place.one, place.other)) {
      replica.raiseFloor(new AdvanceFloor(oracle - oracle % 7)
          .judge(replica.floor(), replica.lastStamp(), replica.locks().lowestCommit()));
    }
    place.one.clean();
  }

  private void reshape() {
    if (regions.size() > 1 && random.nextBoolean()) {
      merge();
    } else if (regions.size() < 5) {
      split();
    }
  }

  private void split() {
    Bytes cut = keys().get(1 + random.nextInt(KEYS - 1));
    Place whole = at(cut);
    KeyRange range = whole.one.descriptor().range();
    if (range.start().equals(cut)) {
      return;
    }
    drain(whole);
    long version = whole.one.descriptor().epoch().version() + 1;
    var low = MemoryRegion.shape(nextRegion++, new KeyRange(range.start(), cut), version);
    var high = MemoryRegion.shape(
        whole.one.descriptor().id().value(), new KeyRange(cut, range.end()), version);
    regions.put(range.start(), new Place(whole.one.part(low), whole.other.part(low)));
    regions.put(cut, new Place(whole.one.part(high), whole.other.part(high)));
  }

  private void merge() {
    List<Bytes> starts = new ArrayList<>(regions.keySet());
    int at = random.nextInt(starts.size() - 1);
    Place left = at(starts.get(at));
    Place right = at(starts.get(at + 1));
    drain(left);
    drain(right);
    long version = Math.max(
            left.one.descriptor().epoch().version(),
            right.one.descriptor().epoch().version())
        + 1;
    var whole = MemoryRegion.shape(
        left.one.descriptor().id().value(),
        new KeyRange(
            left.one.descriptor().range().start(),
            right.one.descriptor().range().end()),
        version);
    regions.remove(starts.get(at + 1));
    regions.put(
        starts.get(at),
        new Place(
            MemoryRegion.union(whole, left.one, right.one),
            MemoryRegion.union(whole, left.other, right.other)));
  }

  /** Half of what is proposed is applied, the rest is of the old shape and refused. */
  private void drain(Place place) {
    while (!place.queue.isEmpty() && random.nextBoolean()) {
      apply(place);
    }
    place.queue.forEach(
        lost -> lost.answer().accept(new Outcome.EpochMismatch(place.one.descriptor())));
    place.queue.clear();
  }

  // ------------------------------------------------------------------ regions

  private Place at(Bytes key) {
    return regions.floorEntry(key).getValue();
  }

  private Place anyPlace() {
    List<Place> all = new ArrayList<>(regions.values());
    return all.get(random.nextInt(all.size()));
  }

  private void overParts(KeyRange range, Consumer<KeyRange> each) {
    for (Place place : List.copyOf(regions.values())) {
      KeyRange part = range.intersect(place.one.descriptor().range());
      if (!part.isEmpty() && place.one.descriptor().range().overlaps(range)) {
        each.accept(part);
      }
    }
  }

  private void propose(Bytes key, Command command, Consumer<Outcome> answer) {
    Place place = at(key);
    long stamp = 0;
    if (Stamped.needsStamp(command)) {
      stamp = ++oracle;
    }
    long version = place.one.descriptor().epoch().version();
    place.queue.add(new Proposal(new Stamped(stamp, version, WriteName.NONE, command), answer));
  }

  private void applyOne() {
    Place place = anyPlace();
    if (!place.queue.isEmpty()) {
      apply(place);
    }
  }

  private void apply(Place place) {
    Proposal next = place.queue.remove();
    // As the log carries it.
    Stamped stamped = LogCodec.decode(LogCodec.encode(
            LogCommands.of(place.one.descriptor().epoch(), List.of(next.stamped()))))
        .commands()
        .get(0);
    List<Mutation> written = new ArrayList<>();
    Outcome outcome = place.one.apply(stamped, written);
    assertThat(place.other.apply(stamped, new ArrayList<>()))
        .as("replicas judge alike: " + stamped)
        .isEqualTo(outcome);
    assertThat(outcome)
        .as("the order of asks is the order of revisions: " + stamped)
        .isNotInstanceOf(Outcome.Restamp.class);
    for (Mutation mutation : written) {
      note(mutation);
    }
    next.answer().accept(outcome);
  }

  private void note(Mutation mutation) {
    long revision = mutation.version().modRevision();
    TreeMap<Long, Version> versions =
        history.computeIfAbsent(mutation.key(), key -> new TreeMap<>());
    if (!versions.isEmpty()) {
      assertThat(revision).as("versions come in order").isGreaterThan(versions.lastKey());
    }
    versions.put(revision, mutation.version());
    for (Promise promise : promises) {
      if (promise.range().contains(mutation.key())) {
        assertThat(revision)
            .as("nothing comes that was promised not to: " + mutation + " after " + promise)
            .isGreaterThan(promise.revision());
      }
    }
  }

  private void decided(@Nullable Coordinator one, long revision) {
    if (one != null) {
      Long before = fates.putIfAbsent(one.id, revision);
      assertThat(before == null || before == revision)
          .as("a transaction has one fate: " + before + " and " + revision)
          .isTrue();
    }
  }

  // ------------------------------------------------------------------ the end

  /** Coordinators stop; everything on the wire arrives, late as it is; locks are resolved by those who meet them. */
  void settle() {
    coordinators.forEach(one -> one.dead = true);
    for (int round = 0; round < 3; round++) {
      while (!wire.isEmpty()
          || regions.values().stream().anyMatch(place -> !place.queue.isEmpty())) {
        List<Runnable> late = new ArrayList<>(wire);
        wire.clear();
        late.forEach(Runnable::run);
        regions.values().forEach(place -> {
          while (!place.queue.isEmpty()) {
            apply(place);
          }
        });
      }
      regions.values().forEach(place -> {
        List<Lock> locks = new ArrayList<>(place.one.locks().writes(KeyRange.ALL, 1000));
        locks.addAll(place.one.locks().allReads());
        locks.forEach(lock -> send(() -> ask(lock, false)));
      });
    }
  }

  void check() {
    for (Place place : regions.values()) {
      assertThat(place.one.locks().isEmpty()).as("no lock is left").isTrue();
      assertThat(place.one.locks().lowestCommit()).isEqualTo(Long.MAX_VALUE);
    }
    for (Coordinator one : coordinators) {
      checkWhole(one, fates.getOrDefault(one.id, 0L));
    }
    for (Seen one : seen) {
      one.versions()
          .forEach((key, version) -> assertThat(shown(key, one.revision()))
              .as("what was read of " + key + " at " + one.revision() + " stays so")
              .isEqualTo(version));
    }
  }

  private long shown(Bytes key, long revision) {
    TreeMap<Long, Version> versions = history.getOrDefault(key, new TreeMap<>());
    Map.Entry<Long, Version> found = versions.floorEntry(revision);
    return found == null ? 0 : found.getValue().orAbsent().modRevision();
  }

  /** All of it or nothing; and nothing that it read or wrote was written between its start and its commit. */
  private void checkWhole(Coordinator one, long committed) {
    for (Writes.Write write : one.writes) {
      TreeMap<Long, Version> versions = history.getOrDefault(write.key(), new TreeMap<>());
      Bytes value = Bytes.utf8("t" + one.id);
      boolean mine =
          versions.values().stream().anyMatch(version -> version.value().equals(value));
      if (committed == 0) {
        assertThat(mine).as("a transaction that was rolled back wrote nothing").isFalse();
      } else {
        if (!write.intent().delete()) {
          Version version = versions.getOrDefault(committed, Version.NONE);
          assertThat(version.value()).as(one.id + " wrote " + write.key()).isEqualTo(value);
          assertThat(version.sub()).isEqualTo(write.intent().sub());
        }
        Long before = versions.lowerKey(committed);
        assertThat(before == null || before <= one.start).as("no lost update").isTrue();
      }
    }
    if (committed > 0) {
      for (KeyRange range : one.reads) {
        history.forEach((key, versions) -> {
          Long before = versions.lowerKey(committed);
          if (range.contains(key) && before != null) {
            assertThat(before)
                .as("nothing read was written meanwhile")
                .isLessThanOrEqualTo(one.start);
          }
        });
      }
    }
  }
}
