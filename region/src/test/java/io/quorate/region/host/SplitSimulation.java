package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.GetRequest;
import io.quorate.proto.KeyValue;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Regions that are cut while clients write and read, under leader changes, crashes at any step, lost and unknown proposals. */
class SplitSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final int KEYS = 24;

  @RegisterExtension
  static final SimDisks DISKS = new SimDisks();

  @Seeds(100)
  void nothingIsLostOrServedTwiceWhileRegionsAreCut(long seed) {
    new Run(seed, false).play();
  }

  @Seeds(200)
  void nothingIsLostOrServedTwiceWhileRegionsAreCutAndMerged(long seed) {
    new Run(seed, true).play();
  }

  /** One run: a territory, its clients, its disasters. */
  private static final class Run {
    private final SimScheduler scheduler;
    private final SimOracle oracle;
    private final SimTerritory land;
    private final List<Attempt> attempts = new ArrayList<>();
    private final Map<String, Attempt> writers = new HashMap<>();
    private final boolean calm;
    private long sequence;
    private boolean over;
    private final boolean merges;
    /** What all clients believe: as stale as the last answer that told them better. */
    private final Map<Bytes, RegionDescriptor> believed = new TreeMap<>();

    Run(long seed, boolean merges) {
      this.merges = merges;
      scheduler = new SimScheduler(seed);
      calm = scheduler.chance(0.25);
      oracle = new SimOracle(scheduler, calm ? 0 : 0.03, 4 * MILLISECOND);
      land = new SimTerritory(
          scheduler,
          oracle,
          calm ? SimFaults.none() : SimFaults.bad(),
          DISKS.next(),
          RegionHostConfig.defaults());
    }

    void play() {
      land.electMissing();
      believe(land.first);
      scheduler.runFor(SECOND / 10);
      for (int i = 0; i < 8; i++) {
        scheduler.after(scheduler.pick(0, 5 * MILLISECOND), () -> next(60));
      }
      scheduler.after(scheduler.pick(0, SECOND / 10), this::cut);
      if (merges) {
        scheduler.after(scheduler.pick(0, SECOND / 10), this::join);
      }
      if (!calm) {
        scheduler.after(scheduler.pick(0, SECOND / 10), this::strike);
      }
      scheduler.runFor(4 * SECOND);
      over = true;
      scheduler.runFor(4 * SECOND);
      for (int store = 1; store <= land.stores(); store++) {
        if (!land.isUp(store)) {
          land.start(store);
        }
      }
      land.electMissing();
      scheduler.runFor(SECOND);
      land.electMissing();
      scheduler.runFor(SECOND);
      check();
    }

    private void join() {
      if (over) {
        return;
      }
      List<RegionDescriptor> known = List.copyOf(believed.values());
      land.join(known.get(scheduler.random().nextInt(known.size())).id());
      scheduler.after(scheduler.pick(MILLISECOND, SECOND / 8), this::join);
    }

    private void cut() {
      if (over) {
        return;
      }
      List<RegionDescriptor> known = List.copyOf(believed.values());
      RegionDescriptor target = known.get(scheduler.random().nextInt(known.size()));
      List<Bytes> keys = new ArrayList<>();
      long cuts = scheduler.pick(1, 3);
      for (int i = 0; i < cuts; i++) {
        keys.add(key());
      }
      keys.sort(Comparator.naturalOrder());
      land.cut(target.id(), keys);
      scheduler.after(scheduler.pick(MILLISECOND, SECOND / 4), this::cut);
    }

    private void strike() {
      if (over) {
        return;
      }
      long lot = scheduler.pick(0, 9);
      if (lot < 3) {
        List<RegionDescriptor> known = List.copyOf(believed.values());
        land.group(known.get(scheduler.random().nextInt(known.size())).id()).electAny();
      } else if (lot < 5) {
        oracle.failOver();
      } else {
        int victim = (int) scheduler.pick(1, land.stores());
        boolean all = land.isUp(1) && land.isUp(2) && land.isUp(3);
        if (all) {
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

    private void believe(RegionDescriptor region) {
      for (RegionDescriptor old : List.copyOf(believed.values())) {
        if (old.range().overlaps(region.range())
            && old.epoch().version() > region.epoch().version()) {
          return;
        }
      }
      believed.values().removeIf(old -> old.range().overlaps(region.range()));
      believed.put(region.range().start(), region);
    }

    private RegionDescriptor find(Bytes key) {
      for (RegionDescriptor region : believed.values()) {
        if (region.range().contains(key)) {
          return region;
        }
      }
      // A hole: ask the map, as of the freshest store.
      RegionDescriptor best = null;
      for (int store = 1; store <= land.stores(); store++) {
        for (RegionDescriptor region : land.onDisk(store)) {
          if (region.range().contains(key)
              && (best == null || region.epoch().version() > best.epoch().version())) {
            best = region;
          }
        }
      }
      if (best == null) {
        throw new AssertionError("nobody owns " + key);
      }
      believe(best);
      return best;
    }

    private void next(int left) {
      if (left == 0 || over) {
        return;
      }
      Bytes key = key();
      RegionDescriptor region = find(key);
      long id = ++sequence;
      Request.Builder body = draw(key, region, id)
          .setRequestId(id)
          .setSequence(id)
          .setRegionId(region.id().value())
          .setEpoch(Wire.epoch(region.epoch()))
          .setTimeoutMs((int) scheduler.pick(20, 1500));
      int leader = land.leaderStore(region.id());
      int store =
          leader != 0 && scheduler.chance(0.9) ? leader : (int) scheduler.pick(1, land.stores());
      Attempt attempt = new Attempt(body.build(), scheduler.nanos());
      attempts.add(attempt);
      if (attempt.request.hasPut()) {
        writers.put("v" + id, attempt);
      }
      boolean[] gone = {false};
      Runnable once = () -> {
        if (!gone[0]) {
          gone[0] = true;
          scheduler.after(scheduler.pick(0, 20 * MILLISECOND), () -> next(left - 1));
        }
      };
      scheduler.after(
          delay(),
          () -> land.host(store, region.id())
              .ifPresentOrElse(
                  host -> host.handle(
                      new RegionRequest(attempt.request, "", 0, 77),
                      response -> scheduler.after(delay(), () -> {
                        answered(attempt, response);
                        once.run();
                      })),
                  () -> scheduler.after(delay(), () -> {
                    // As PD's map would tell: such as any store may have it.
                    land.onDisk((int) scheduler.pick(1, land.stores())).forEach(this::believe);
                    once.run();
                  })));
      scheduler.after(2 * SECOND, once);
    }

    private long delay() {
      return scheduler.pick(1000, 3 * MILLISECOND);
    }

    private void answered(Attempt attempt, Response response) {
      assertThat(attempt.response).as("AnsweredOnce").isNull();
      attempt.response = response;
      attempt.end = scheduler.nanos();
      if (response.getRegionError().hasEpochMismatch()) {
        response
            .getRegionError()
            .getEpochMismatch()
            .getCurrentList()
            .forEach(region -> believe(Wire.region(region)));
      }
    }

    private Request.Builder draw(Bytes key, RegionDescriptor region, long id) {
      long lot = scheduler.pick(0, 9);
      if (lot < 5) {
        return Request.newBuilder()
            .setPut(PutRequest.newBuilder()
                .setKey(key.toByteString())
                .setValue(ByteString.copyFromUtf8("v" + id)));
      }
      if (lot < 7) {
        return Request.newBuilder().setGet(GetRequest.newBuilder().setKey(key.toByteString()));
      }
      KeyRange range = lot == 7 ? KeyRange.single(key) : region.range();
      return Request.newBuilder().setRange(RangeRequest.newBuilder().setRange(Wire.range(range)));
    }

    // ---------------------------------------------------------------- judgement

    private void check() {
      for (int store = 1; store <= land.stores(); store++) {
        land.checkTiling(store);
        assertThat(land.onDisk(store)).as("StoresSplitAlike").isEqualTo(land.onDisk(1));
        assertThat(land.sums(store)).as("ReplicasAreEqual").isEqualTo(land.sums(1));
      }
      Map<Bytes, List<Seen>> byKey = new HashMap<>();
      for (Attempt attempt : attempts) {
        if (attempt.isDone()) {
          note(attempt, byKey);
        }
      }
      byKey.forEach(this::revisionsAgreeWithRealTime);
      assertThat(land.isMerging()).as("EveryMergeEnds").isFalse();
      if (calm && merges) {
        assertThat(land.merges).as("Liveness").isPositive();
      }
      if (calm) {
        long done = attempts.stream().filter(Attempt::isDone).count();
        assertThat(done).as("Liveness").isGreaterThan(attempts.size() / 2);
        assertThat(land.splits).as("Liveness").isPositive();
      }
    }

    /** A state of a key that an attempt wrote or was shown: revision 0 if it did not exist. */
    private record Seen(long start, long end, long revision, boolean wrote) {}

    private void note(Attempt attempt, Map<Bytes, List<Seen>> to) {
      Request request = attempt.request;
      Response answer = attempt.answer();
      if (request.hasPut()) {
        add(to, Bytes.of(request.getPut().getKey()), attempt, answer.getRevision(), true);
      } else if (request.hasGet()) {
        KeyValue kv = answer.getGet().getKv();
        known(kv);
        add(to, Bytes.of(request.getGet().getKey()), attempt, kv.getModRevision(), false);
      } else {
        Map<Bytes, KeyValue> found = new HashMap<>();
        answer.getRange().getKvsList().forEach(kv -> found.put(Bytes.of(kv.getKey()), kv));
        KeyRange range = Wire.range(request.getRange().getRange());
        for (int i = 10; i < 10 + KEYS; i++) {
          Bytes key = land.prefix.concat(Bytes.utf8("k" + i));
          if (range.contains(key)) {
            KeyValue kv = found.getOrDefault(key, KeyValue.getDefaultInstance());
            known(kv);
            assertThat(kv.getModRevision()).isLessThanOrEqualTo(answer.getRevision());
            add(to, key, attempt, kv.getModRevision(), false);
          }
        }
      }
    }

    private static void add(
        Map<Bytes, List<Seen>> to, Bytes key, Attempt attempt, long revision, boolean wrote) {
      to.computeIfAbsent(key, one -> new ArrayList<>())
          .add(new Seen(attempt.start, attempt.end, revision, wrote));
    }

    /** Nothing is shown that nobody wrote, or whose writer was told that it certainly was not done. */
    private void known(KeyValue kv) {
      if (kv.getModRevision() != 0) {
        Attempt writer = writers.get(kv.getValue().toStringUtf8());
        assertThat(writer).as("NothingFromNowhere: %s", kv).isNotNull();
        assertThat(writer != null && writer.isCertainlyNot())
            .as("RefusedNeverTakesEffect: %s", writer)
            .isFalse();
      }
    }

    /** Per key, whichever region it was in: what begins after another's end is not older, and newer if it wrote. */
    private void revisionsAgreeWithRealTime(Bytes key, List<Seen> seen) {
      List<Seen> byEnd = new ArrayList<>(seen);
      byEnd.sort(Comparator.comparingLong(Seen::end));
      seen.sort(Comparator.comparingLong(Seen::start));
      int at = 0;
      long past = 0;
      for (Seen one : seen) {
        while (at < byEnd.size() && byEnd.get(at).end() < one.start()) {
          past = Math.max(past, byEnd.get(at++).revision());
        }
        assertThat(one.revision())
            .as("KeysAreLinearizable: %s %s", key, one)
            .isGreaterThanOrEqualTo(one.wrote() ? past + 1 : past);
      }
    }
  }
}
