package io.quorate.region.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.WatchEvent;
import io.quorate.proto.WatchResponse;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.Command;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Put;
import io.quorate.region.command.Split;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.Txn;
import io.quorate.region.command.WriteName;
import io.quorate.region.order.Resolved;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.CleaningPass;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.SharedStoreConfig;
import io.quorate.region.storage.TestStore;
import io.quorate.region.storage.Tombstone;
import io.quorate.region.transaction.Decide;
import io.quorate.region.transaction.Holder;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.WriteLock;
import io.quorate.region.transaction.Writes;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** One hub over a real region, with turns given by hand: what a watcher is told, and when. */
class WatchHubTest {
  private static final WatchLimits SMALL = new WatchLimits(500, 1000, 2000, 400, 300, 4, 3, 10, 1);

  @TempDir
  Path directory;

  private TestStore disk;
  private RegionStore store;
  private WatchHub hub;
  private WatchConnection connection;
  private final Watching watching = new Watching(SMALL, new SimpleMeterRegistry());
  private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
  private final List<WatchResponse> heard = new ArrayList<>();
  private boolean ready = true;
  private long compacted;
  private Runnable whileReading = () -> {};
  private long revision = 10;
  private int wants;

  @BeforeEach
  void open() {
    disk = new TestStore(directory, SharedStoreConfig.defaults());
    store = disk.create(1, KeyRange.ALL);
    hub = watching.hub(store, reason -> {
      throw new AssertionError(reason);
    });
    connection = watching.connect(
        new WatchSink() {
          @Override
          public boolean ready() {
            return ready;
          }

          @Override
          public void send(WatchResponse message) {
            heard.add(message);
          }

          @Override
          public void flush() {}
        },
        turns::add,
        () -> {
          whileReading.run();
          return compacted;
        },
        ticket -> {
          if (ticket.epochVersion() != store.descriptor().epoch().version()
              || !ticket.admit(hub, () -> wants++)) {
            ticket.turnAway(new RegionError.EpochMismatch(List.of(store.descriptor()), "moved"));
          }
        });
  }

  @AfterEach
  void close() {
    disk.close();
  }

  private void turn() {
    while (!turns.isEmpty()) {
      turns.remove().run();
    }
  }

  private long apply(Command command) {
    revision += 2;
    try (ApplySession session = store.begin()) {
      var unused = session.apply(
          store.appliedIndex() + 1,
          1,
          LogCommands.of(
              store.descriptor().epoch(),
              List.of(new Stamped(
                  Stamped.needsStamp(command) ? revision : 0,
                  store.descriptor().epoch().version(),
                  WriteName.NONE,
                  command))));
      List<Mutation> written = session.mutations();
      session.commit(() -> hub.applied(store.appliedIndex(), store.lastStamp(), written));
      if (session.changesLocks()) {
        hub.unlocked();
      }
    }
    return revision;
  }

  private static final TxnId TXN = new TxnId(1, 1);

  /** A transaction over several regions locks a key here, its primary. */
  private void prewrite(String key) {
    Bytes primary = Bytes.utf8(key);
    long unused = apply(new Prewrite(
        new Holder(TXN, revision, primary, 1000),
        new Writes(
            List.of(
                new Writes.Write(primary, new WriteLock.Intent(0, false, 0, Bytes.utf8("txn")))),
            List.of()),
        List.of()));
  }

  private void commit(String key, long at) {
    long unused = apply(new Decide.Commit(TXN, Bytes.utf8(key), at, List.of()));
  }

  @Test
  void whatIsBehindALockIsToldAfterWhatTheLockWasFor() {
    watch(1, KeyRange.ALL, 1);
    watch(2, KeyRange.single(Bytes.utf8("c")), 1);
    long first = put("a", "1");
    prewrite("b");
    long at = revision;
    long after = put("c", "1");
    turn();
    assertThat(told(1)).containsExactly("put " + first + " a=1<");
    assertThat(told(2)).as("no lock in its range").containsExactly("put " + after + " c=1<");
    assertThat(last().getResolved()).isLessThanOrEqualTo(after);

    commit("b", at);
    turn();
    assertThat(told(1))
        .containsExactly(
            "put " + first + " a=1<", "put " + at + " b=txn<", "put " + after + " c=1<");
  }

  @Test
  void whoComesWhileALockStandsReadsUpToItAndGoesOnAfterIt() {
    long first = put("a", "1");
    prewrite("b");
    long at = revision;
    long after = put("c", "1");
    watch(1, KeyRange.ALL, 1);
    assertThat(told(1)).containsExactly("put " + first + " a=1<");
    long more = put("d", "1");
    turn();
    assertThat(told(1)).hasSize(1);
    assertThat(turns).isEmpty();

    commit("b", at);
    turn();
    assertThat(told(1))
        .containsExactly(
            "put " + first + " a=1<",
            "put " + at + " b=txn<",
            "put " + after + " c=1<",
            "put " + more + " d=1<");
  }

  /** It is found by the reader, and told of by apply. */
  @Test
  void whatIsCommittedWhileItIsReadIsToldOnce() {
    long first = put("a", "1");
    prewrite("b");
    long at = revision;
    long after = put("c", "1");
    int[] readings = {0};
    whileReading = () -> {
      // The first reading goes up to the lock, the second beyond it.
      if (++readings[0] == 2) {
        commit("b", at);
      }
    };
    watch(1, KeyRange.ALL, 1);
    turn();
    assertThat(readings[0]).isGreaterThanOrEqualTo(2);
    assertThat(told(1))
        .containsExactly(
            "put " + first + " a=1<", "put " + at + " b=txn<", "put " + after + " c=1<");
  }

  @Test
  void moreBehindALockThanTheQueueHoldsIsReadOnceItIsGone() {
    watch(1, KeyRange.ALL, 1);
    prewrite("b");
    long at = revision;
    List<String> expected = new ArrayList<>(List.of("put " + at + " b=txn<"));
    for (int i = 0; i < 30; i++) {
      long written = put("k" + i, "some value that takes room");
      expected.add("put " + written + " k" + i + "=some value that takes room<");
      turn();
    }
    assertThat(told(1)).isEmpty();

    commit("b", at);
    turn();
    assertThat(told(1)).isEqualTo(expected);
  }

  @Test
  void aTransactionThatIsRolledBackLetsTheWatchersGo() {
    watch(1, KeyRange.ALL, 1);
    prewrite("b");
    long after = put("c", "1");
    turn();
    assertThat(told(1)).isEmpty();

    apply(new Decide.RollBack(TXN, 10, Bytes.utf8("b"), List.of()));
    turn();
    assertThat(told(1)).containsExactly("put " + after + " c=1<");
  }

  private long put(String key, String value) {
    return apply(Put.of(Bytes.utf8(key), Bytes.utf8(value)));
  }

  private void watch(long id, KeyRange range, long start) {
    connection.create(
        new WatchSpec(id, range, start, false, false, true, false),
        new RegionId(1),
        store.descriptor().epoch().version());
    turn();
  }

  /** The events that a watch was told, as text. */
  private List<String> told(long id) {
    List<String> told = new ArrayList<>();
    for (WatchResponse response : heard) {
      if (response.getWatchId() == id) {
        for (ByteString bytes : response.getEventsList()) {
          told.add(text(bytes));
        }
      }
    }
    return told;
  }

  private static String text(ByteString bytes) {
    try {
      WatchEvent event = WatchEvent.parseFrom(bytes);
      return (event.getDelete() ? "del " : "put ")
          + event.getKv().getModRevision()
          + " "
          + event.getKv().getKey().toStringUtf8()
          + "="
          + event.getKv().getValue().toStringUtf8()
          + "<"
          + event.getPrevious().getValue().toStringUtf8();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private WatchResponse last() {
    return heard.get(heard.size() - 1);
  }

  @Test
  void aWatcherIsToldThatItWasMadeThenWhatIsApplied() {
    watch(1, KeyRange.single(Bytes.utf8("a")), 1);
    assertThat(heard).hasSize(1);
    assertThat(heard.get(0).getCreated()).isTrue();
    put("a", "1");
    put("b", "1");
    apply(new DeleteRange(KeyRange.ALL, false));
    turn();
    assertThat(told(1)).containsExactly("put 12 a=1<", "del 16 a=<1");
    assertThat(last().getResolved()).isEqualTo(16);
  }

  @Test
  void thePastIsReadAndTheFutureIsAwaited() {
    put("a", "1");
    put("a", "2");
    put("b", "3");
    watch(1, KeyRange.ALL, 14);
    watch(2, KeyRange.ALL, 20);
    assertThat(told(1)).containsExactly("put 14 a=2<1", "put 16 b=3<");
    put("a", "4");
    turn();
    assertThat(told(2)).isEmpty();
    put("a", "5");
    turn();
    assertThat(told(1)).endsWith("put 18 a=4<2", "put 20 a=5<4");
    assertThat(told(2)).containsExactly("put 20 a=5<4");
  }

  @Test
  void oneThatDoesNotReadLosesItsQueueAndNoEvent() {
    watch(1, KeyRange.ALL, 1);
    ready = false;
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      expected.add("put " + put("key" + i, "value") + " key" + i + "=value<");
      turn();
    }
    assertThat(told(1)).isEmpty();
    ready = true;
    connection.wake();
    turn();
    assertThat(told(1)).isEqualTo(expected);
    put("last", "one");
    turn();
    assertThat(told(1)).hasSize(41);
  }

  @Test
  void aRevisionComesInOneResponseOrSaysThatItGoesOn() {
    watch(1, KeyRange.ALL, 1);
    List<Operation> puts = new ArrayList<>();
    for (int i = 10; i < 40; i++) {
      puts.add(Put.of(Bytes.utf8("k" + i), Bytes.utf8("v")));
    }
    apply(new Txn(List.of(), puts, List.of()));
    turn();
    assertThat(told(1)).hasSize(30);
    List<WatchResponse> pieces =
        heard.stream().filter(response -> response.getEventsCount() > 0).toList();
    assertThat(pieces.size()).isGreaterThan(1);
    for (WatchResponse piece : pieces.subList(0, pieces.size() - 1)) {
      assertThat(piece.getFragment()).isTrue();
      assertThat(piece.getResolved()).isZero();
    }
    assertThat(pieces.get(pieces.size() - 1).getFragment()).isFalse();
    assertThat(last().getResolved()).isEqualTo(12);
  }

  @Test
  void belowTheCompactedRevisionItIsRefusedWithIt() {
    put("a", "1");
    put("a", "2");
    compacted = 14;
    watch(1, KeyRange.ALL, 13);
    assertThat(last().getRefused().getCode()).isEqualTo(RefusalCode.COMPACTED);
    assertThat(last().getRefused().getCompacted()).isEqualTo(14);
    watch(2, KeyRange.ALL, 14);
    assertThat(told(2)).containsExactly("put 14 a=2<1");
    // One that comes back has missed nothing where nothing was written since.
    compacted = 100;
    connection.create(
        new WatchSpec(3, KeyRange.ALL, 50, false, false, false, true), new RegionId(1), 1);
    turn();
    assertThat(last().getCreated()).isTrue();
    watch(4, KeyRange.ALL, 50);
    assertThat(last().getRefused().getCompacted()).isEqualTo(100);
    assertThat(connection.watches()).isEqualTo(2);
  }

  /** As etcd has it: of what happened at the compacted revision nothing is missing, be it a deletion. */
  @Test
  void atTheFloorItselfAWatchIsToldOfAllThatHappenedThen() {
    put("a", "1");
    put("b", "1");
    long floor = apply(new DeleteRange(KeyRange.ALL, false));
    put("c", "1");
    store.advanceFloor(store.appliedIndex() + 1, 1, new AdvanceFloor(floor));
    assertThat(store.floor()).isEqualTo(floor);
    CleaningPass pass = store.clean().orElseThrow();
    assertThat(pass.step(1000)).isTrue();
    assertThat(pass.removed()).isZero();
    watch(1, KeyRange.ALL, floor);
    assertThat(told(1)).containsExactly("del 16 a=<", "del 16 b=<", "put 18 c=1<");
    watch(2, KeyRange.ALL, floor - 1);
    assertThat(last().getRefused().getCompacted()).isEqualTo(floor);
    // Once the floor goes on, nothing of the deleted is left.
    store.advanceFloor(store.appliedIndex() + 1, 1, new AdvanceFloor(Long.MAX_VALUE));
    assertThat(store.floor()).isEqualTo(19);
    pass = store.clean().orElseThrow();
    assertThat(pass.step(1000)).isTrue();
    assertThat(pass.removed()).isEqualTo(4);
    watch(3, KeyRange.ALL, 19);
    assertThat(last().getCreated()).isTrue();
  }

  @Test
  void progressIsToldWhenAskedForAndNotBeforeWhatWasApplied() {
    watch(1, KeyRange.ALL, 1);
    connection.progress(1);
    assertThat(wants).isEqualTo(1);
    assertThat(hub.isAsked()).isTrue();
    long version = store.descriptor().epoch().version();
    hub.resolved(new Resolved(version + 1, 99, 5, 0));
    turn();
    assertThat(last().getResolved()).as("of another shape").isNotEqualTo(99);
    // Made of what is applied, but not shown yet.
    hub.resolved(new Resolved(version, 12, 2, 12));
    turn();
    assertThat(last().getResolved()).isNotEqualTo(12);
    put("a", "1");
    turn();
    assertThat(told(1)).hasSize(1);
    assertThat(last().getResolved()).isEqualTo(12);
    assertThat(hub.isAsked()).isFalse();
    int before = heard.size();
    hub.resolved(new Resolved(version, 50, 2, 12));
    turn();
    assertThat(heard).as("nobody asked").hasSize(before);
  }

  @Test
  void whoseRangeIsCutOffMovesAndTheOthersStay() {
    put("a", "1");
    put("x", "1");
    watch(1, KeyRange.single(Bytes.utf8("a")), 1);
    watch(2, KeyRange.single(Bytes.utf8("x")), 1);
    watch(3, KeyRange.ALL, 1);
    cut("m");
    hub.reshaped(new RegionError.EpochMismatch(List.of(store.descriptor()), "cut"));
    put("x", "2");
    turn();
    assertThat(told(2)).endsWith("put 16 x=2<1");
    assertThat(heard.stream()
            .filter(WatchResponse::hasMoved)
            .map(WatchResponse::getWatchId)
            .toList())
        .containsExactlyInAnyOrder(1L, 3L);
    assertThat(connection.watches()).isEqualTo(1);
    hub.end(new RegionError.Unavailable("gone"), /* all= */ true);
    turn();
    assertThat(last().hasMoved()).isTrue();
    assertThat(connection.watches()).isZero();
  }

  /**
   * soak-watch, seed 2101: most watchers missed what a transaction wrote into a part that was cut off after its lock was placed.
   * Between the cut and the word of it their turns came: nothing held them back any more.
   */
  @Test
  void aLockOnWhatIsCutOffHoldsBackUntilTheWatcherHasGone() {
    prewrite("b");
    long at = revision;
    watch(1, KeyRange.ALL, 1);
    long after = put("x", "1");
    turn();
    RegionStore child = cut("m");
    assertThat(child.locks().isEmpty()).isFalse();
    assertThat(store.locks().isEmpty()).isTrue();
    hub.unlocked();
    turn();
    hub.resolved(new Resolved(
        store.descriptor().epoch().version(), after + 10, store.appliedIndex(), after));
    turn();
    hub.reshaped(new RegionError.EpochMismatch(List.of(store.descriptor()), "cut"));
    turn();
    assertThat(told(1)).isEmpty();
    assertThat(last().hasMoved()).isTrue();
    assertThat(heard).allSatisfy(response -> assertThat(response.getResolved()).isLessThan(at));
  }

  private RegionStore cut(String at) {
    Split split = new Split(
        store.descriptor().epoch(),
        List.of(new Split.Cut(Bytes.utf8(at), new RegionId(2), List.of(22L))));
    return store.split(store.appliedIndex() + 1, 1, split, new NoSeeds()).born().get(0);
  }

  @Test
  void withoutItsAncestorsNotesTheDataAreSwept() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add("put " + put("a" + i % 3, "v" + i) + " a" + i % 3 + "=v" + i + "<"
          + (i < 3 ? "" : "v" + (i - 3)));
    }
    RegionStore child = cut("m");
    try (WriteBatch batch = new WriteBatch()) {
      disk.store()
          .destroy(
              batch, new RegionId(1), Optional.of(store.descriptor().range()), new Tombstone(1, 9));
      disk.database().write(batch);
    }
    store = child;
    hub = watching.hub(child, reason -> {
      throw new AssertionError(reason);
    });
    watch(1, child.descriptor().range(), 1);
    expected.add("put " + put("a0", "new") + " a0=new<v18");
    turn();
    assertThat(told(1)).isEqualTo(expected);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    watch(1, KeyRange.of(Bytes.utf8("b"), Bytes.utf8("a")), 1);
    assertThat(last().getRefused().getCode()).isEqualTo(RefusalCode.INVALID_ARGUMENT);
    watch(1, KeyRange.ALL, 0);
    assertThat(last().getRefused().getCode()).isEqualTo(RefusalCode.INVALID_ARGUMENT);
    watch(0, KeyRange.ALL, 1);
    assertThat(last().hasRefused()).isTrue();
    watch(1, KeyRange.ALL, 1);
    watch(1, KeyRange.ALL, 1);
    assertThat(last().hasRefused()).as("an id twice").isTrue();
    connection.cancel(77);
    connection.progress(77);
    turn();
    connection.cancel(1);
    turn();
    assertThat(last().getCancelled()).isTrue();
    watch(1, KeyRange.ALL, 1);
    assertThat(last().getCreated()).as("an id again, after its end").isTrue();
    for (long id = 2; id <= 11; id++) {
      watch(id, KeyRange.ALL, 1);
    }
    assertThat(last().getMoved().hasServerBusy()).as("one too many").isTrue();
    int before = heard.size();
    connection.close();
    put("a", "1");
    turn();
    assertThat(heard).hasSize(before);
  }

  /** A store with no other replicas. */
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
    public void seed(WriteBatch batch, GroupSeed seed) {}
  }
}
