package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import io.quorate.proto.Request;
import io.quorate.proto.TxnRequest;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.region.host.SimWatcher.Seen;
import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.ChangePlace;
import io.quorate.region.storage.ChangeReader;
import io.quorate.region.storage.NotedChange;
import io.quorate.region.storage.RegionStore;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Watchers over regions that are cut and joined, change leaders, crash, lose proposals and asks: what each got must be the history as it is
 * read back by revision, all of it, once, in order, with the previous values.
 */
class WatchSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final int KEYS = 24;

  @RegisterExtension
  static final SimDisks DISKS = new SimDisks();

  @Seeds(60)
  void everyWatcherGetsTheHistory(long seed) {
    new Run(seed, false).play();
  }

  @Seeds(60)
  void everyWatcherGetsTheHistoryWhereRegionsAreJoined(long seed) {
    new Run(seed, true).play();
  }

  /** One run: a territory, its writers and watchers, its disasters. */
  private static final class Run {
    private final SimScheduler scheduler;
    private final SimOracle oracle;
    private final SimTerritory land;
    private final List<SimWatcher> watchers = new ArrayList<>();
    private final boolean calm;
    private long sequence;
    private final boolean merges;
    private boolean over;

    Run(long seed, boolean merges) {
      this.merges = merges;
      scheduler = new SimScheduler(seed);
      calm = scheduler.chance(0.2);
      oracle = new SimOracle(scheduler, calm ? 0 : 0.03, 4 * MILLISECOND);
      land = new SimTerritory(
          scheduler,
          oracle,
          calm ? SimFaults.none() : SimFaults.bad(),
          DISKS.next(),
          RegionHostConfig.defaults());
    }

    void play() {
      land.followers = true;
      land.electMissing();
      scheduler.runFor(SECOND / 10);
      for (int i = 0; i < 5; i++) {
        scheduler.after(scheduler.pick(0, 5 * MILLISECOND), () -> write(80));
      }
      for (int i = 0; i < 6; i++) {
        scheduler.after(scheduler.pick(0, SECOND), this::watch);
      }
      scheduler.after(scheduler.pick(0, SECOND / 10), this::cut);
      if (merges) {
        scheduler.after(scheduler.pick(0, SECOND / 10), this::join);
      }
      if (!calm) {
        scheduler.after(scheduler.pick(0, SECOND / 10), this::strike);
      }
      scheduler.after(0, this::tick);
      scheduler.runFor(3 * SECOND);
      over = true;
      watchers.forEach(watcher -> watcher.laziness = 0);
      scheduler.runFor(SECOND);
      for (int store = 1; store <= land.stores(); store++) {
        if (!land.isUp(store)) {
          land.start(store);
        }
      }
      for (int i = 0; i < 8; i++) {
        land.electMissing();
        scheduler.runFor(SECOND);
      }
      // Barriers and asks go on failing now and then: a promise may take several turns, but not for
      // ever.
      for (int i = 0; i < 30 && (isBehind() || land.isMerging()); i++) {
        land.electMissing();
        scheduler.runFor(SECOND);
      }
      check();
    }

    private boolean isBehind() {
      return watchers.stream().anyMatch(watcher -> watcher.frontier() < oracle.revision());
    }

    private void tick() {
      watchers.forEach(SimWatcher::tick);
      scheduler.after(scheduler.pick(10 * MILLISECOND, 60 * MILLISECOND), this::tick);
    }

    private void watch() {
      long lot = scheduler.pick(0, 2);
      KeyRange range =
          lot == 0 ? KeyRange.single(key()) : lot == 1 ? land.first.range() : between(key(), key());
      // From the beginning, from somewhere in the past, or from what is yet to come.
      long start = scheduler.pick(1, oracle.revision() + 10);
      SimWatcher watcher = new SimWatcher(
          land, this::find, range, start, scheduler.chance(0.5), scheduler.chance(0.5));
      watcher.laziness = scheduler.chance(0.5) ? 0 : 0.8;
      watchers.add(watcher);
    }

    private static KeyRange between(Bytes left, Bytes right) {
      return left.compareTo(right) < 0
          ? KeyRange.of(left, right)
          : KeyRange.of(right, left.concat(Bytes.utf8("~")));
    }

    private void cut() {
      if (over) {
        return;
      }
      RegionDescriptor target = find(key());
      List<Bytes> keys = new ArrayList<>();
      long cuts = scheduler.pick(1, 2);
      for (int i = 0; i < cuts; i++) {
        keys.add(key());
      }
      keys.sort(Comparator.naturalOrder());
      land.cut(target.id(), keys);
      scheduler.after(scheduler.pick(MILLISECOND, SECOND / 3), this::cut);
    }

    private void join() {
      if (over) {
        return;
      }
      land.join(find(key()).id());
      scheduler.after(scheduler.pick(MILLISECOND, SECOND / 8), this::join);
    }

    private void strike() {
      if (over) {
        return;
      }
      long lot = scheduler.pick(0, 9);
      if (lot < 4) {
        land.group(find(key()).id()).electAny();
      } else if (lot < 6) {
        oracle.failOver();
      } else {
        int victim = (int) scheduler.pick(1, land.stores());
        if (land.isUp(1) && land.isUp(2) && land.isUp(3)) {
          land.crash(victim);
          scheduler.after(scheduler.pick(0, SECOND / 2), () -> land.start(victim));
        }
      }
      scheduler.after(SECOND / 10, land::electMissing);
      scheduler.after(scheduler.pick(MILLISECOND, SECOND / 4), this::strike);
    }

    private Bytes key() {
      return land.prefix.concat(Bytes.utf8("k" + (10 + scheduler.pick(0, KEYS - 1))));
    }

    /** The map, as of the freshest replica. */
    private RegionDescriptor find(Bytes key) {
      return land.freshest(key);
    }

    private void write(int left) {
      if (left == 0 || over) {
        return;
      }
      Bytes key = key();
      RegionDescriptor region = find(key);
      long id = ++sequence;
      Request request = draw(key, region, id)
          .setRequestId(id)
          .setRegionId(region.id().value())
          .setEpoch(Wire.epoch(region.epoch()))
          .setTimeoutMs((int) scheduler.pick(20, 1000))
          .build();
      int leader = land.leaderStore(region.id());
      if (leader != 0) {
        land.host(leader, region.id())
            .ifPresent(host -> host.handle(new RegionRequest(request, "", 0, 7), response -> {}));
      }
      scheduler.after(scheduler.pick(0, 40 * MILLISECOND), () -> write(left - 1));
    }

    private Request.Builder draw(Bytes key, RegionDescriptor region, long id) {
      long lot = scheduler.pick(0, 9);
      if (lot < 5) {
        return Request.newBuilder().setPut(put(key, id));
      }
      if (lot < 7) {
        KeyRange range = lot == 5 ? KeyRange.single(key) : region.range();
        return Request.newBuilder()
            .setDeleteRange(DeleteRangeRequest.newBuilder().setRange(Wire.range(range)));
      }
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int i = 10; i < 10 + KEYS; i++) {
        Bytes one = land.prefix.concat(Bytes.utf8("k" + i));
        if (region.range().contains(one) && scheduler.chance(0.4)) {
          txn.addSuccess(Operation.newBuilder().setPut(put(one, id)));
        }
      }
      return Request.newBuilder().setTxn(txn);
    }

    private static PutRequest put(Bytes key, long id) {
      return PutRequest.newBuilder()
          .setKey(key.toByteString())
          .setValue(ByteString.copyFromUtf8("value-" + id + "-of-some-length"))
          .build();
    }

    // ---------------------------------------------------------------- judgement

    private void check() {
      List<Seen> history = new ArrayList<>();
      for (RegionDescriptor region : land.onDisk(1)) {
        read(land.open(1, region.id()), history);
        notesAgreeWithData(land.open(1, region.id()));
      }
      history.sort(Comparator.comparingLong(Seen::revision).thenComparingInt(Seen::sub));
      for (SimWatcher watcher : watchers) {
        assertThat(watcher.frontier())
            .as("Liveness: resolved up to all that was handed out")
            .isGreaterThanOrEqualTo(oracle.revision());
        List<Seen> expected = history.stream()
            .filter(one -> one.revision() >= watcher.start && watcher.range.contains(one.key()))
            .toList();
        List<Seen> got = new ArrayList<>(watcher.seen);
        got.sort(Comparator.comparingLong(Seen::revision).thenComparingInt(Seen::sub));
        boolean previous = got.stream().anyMatch(one -> !one.previous().isEmpty());
        assertThat(got)
            .as("CompleteOrderedOnce %s from %s", watcher.range, watcher.start)
            .isEqualTo(
                previous
                    ? expected
                    : expected.stream().map(Run::withoutPrevious).toList());
      }
      if (calm) {
        assertThat(history.size()).as("Liveness").isGreaterThan(200);
        assertThat(land.splits).as("Liveness").isPositive();
        assertThat(land.merges > 0).as("Liveness: regions joined").isEqualTo(merges);
      }
    }

    private static Seen withoutPrevious(Seen one) {
      return new Seen(one.revision(), one.sub(), one.key(), one.delete(), one.value(), Bytes.EMPTY);
    }

    /** Each key's versions, newest first, by asking for the one before the last. */
    private void read(RegionStore region, List<Seen> to) {
      for (int i = 10; i < 10 + KEYS; i++) {
        Bytes key = land.prefix.concat(Bytes.utf8("k" + i));
        if (!region.descriptor().range().contains(key)) {
          continue;
        }
        Version version = region.at(key, Long.MAX_VALUE - 1);
        while (version.modRevision() != 0) {
          Version before = region.at(key, version.modRevision() - 1);
          to.add(new Seen(
              version.modRevision(),
              version.sub(),
              key,
              !version.isLive(),
              version.value(),
              before.value()));
          version = before;
        }
      }
    }

    /** The two ways to find changes give the same, where the store can vouch for the notes. */
    private static void notesAgreeWithData(RegionStore region) {
      KeyRange range = region.descriptor().range();
      List<NotedChange> noted = new ArrayList<>();
      var notes = region.changeReader().changes(ChangePlace.endOf(0), region.lastStamp());
      if (notes.isEmpty()) {
        return;
      }
      try (var scan = notes.get()) {
        for (NotedChange change = scan.next(); change != null; change = scan.next()) {
          if (range.contains(change.key())) {
            noted.add(change);
          }
        }
      }
      ChangeReader.Sweep sweep =
          region.changeReader().sweep(range, ChangePlace.endOf(0), region.lastStamp(), 1_000_000);
      assertThat(sweep.all()).isTrue();
      assertThat(noted).as("NotesAgreeWithData").isEqualTo(sweep.changes());
    }
  }
}
