package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.GetRequest;
import io.quorate.proto.LeaseGrantRequest;
import io.quorate.proto.LeaseKeepAliveRequest;
import io.quorate.proto.LeaseRegisterRequest;
import io.quorate.proto.LeaseRevokeRequest;
import io.quorate.proto.LeaseStripRequest;
import io.quorate.proto.PutRequest;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.region.lease.LeaseConfig;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseHomes;
import io.quorate.testing.Seeds;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Leases and their keys in regions that are cut and joined, while leaders change, stores crash in the middle of revocations, requests between
 * regions come late, twice or never. Claims: no key goes before its lease may; none is left when its lease is gone.
 */
class LeaseSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final int CLIENTS = 6;

  @RegisterExtension
  static final SimDisks DISKS = new SimDisks();

  @Seeds(12)
  void noKeyGoesEarlyAndNoneIsLeft(long seed) {
    new Run(seed, false).play();
  }

  @Seeds(12)
  void noKeyGoesEarlyAndNoneIsLeftWhereRegionsAreJoined(long seed) {
    new Run(seed, true).play();
  }

  /** A lease as its client knows it. */
  private static final class Held {
    final long id;
    final long ttl;
    /** Until when the client may count on it, by when it sent what was answered. */
    long countedOn;

    boolean revokeSent;
    boolean revoked;
    boolean given;
    /** Keys put under it, acknowledged; and all that were tried. */
    final List<Bytes> keys = new ArrayList<>();

    final Set<Bytes> tried = new TreeSet<>();

    Held(long id, long ttl) {
      this.id = id;
      this.ttl = ttl;
    }
  }

  private static final class Run {
    private final SimScheduler scheduler;
    private final SimOracle oracle;
    private final SimTerritory land;
    private final boolean calm;
    private final List<Held> all = new ArrayList<>();
    private final Set<String> reaping = new HashSet<>();
    /** Leases that a store's disk has had. */
    private final List<Set<Long>> seen = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());

    private long sequence;
    private int number;
    private final boolean merges;
    private boolean over;

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
      land.followers = true;
      land.homes = this::register;
      land.leases = LeaseConfig.defaults().withCheckpointEvery(Duration.ofSeconds(2));
      for (int store = 1; store <= 3; store++) {
        land.crash(store);
        land.start(store);
      }
      land.electMissing();
      scheduler.runFor(SECOND / 10);
      for (int i = 0; i < CLIENTS; i++) {
        scheduler.after(scheduler.pick(0, SECOND), this::lease);
      }
      scheduler.after(SECOND / 10, this::cut);
      if (merges) {
        scheduler.after(SECOND, this::join);
      }
      scheduler.after(SECOND / 10, this::reap);
      scheduler.after(SECOND / 10, this::look);
      scheduler.after(SECOND / 10, this::read);
      if (!calm) {
        scheduler.after(SECOND / 2, this::strike);
      }
      scheduler.runFor(20 * SECOND);
      over = true;
      for (int i = 0; i < 24; i++) {
        for (int store = 1; store <= 3; store++) {
          if (!land.isUp(store)) {
            land.start(store);
          }
        }
        land.electMissing();
        scheduler.runFor(SECOND);
      }
      check();
    }

    // ---------------------------------------------------------------- clients

    private void lease() {
      if (over) {
        return;
      }
      long id = ByteBuffer.allocate(Long.BYTES)
          .put(land.prefix.unsafeArray())
          .putShort((short) scheduler.pick(0, 65535))
          .putShort((short) ++number)
          .getLong(0);
      Held held = new Held(id, scheduler.pick(2, 5));
      long sent = scheduler.nanos();
      ask(
          Request.newBuilder()
              .setLeaseGrant(LeaseGrantRequest.newBuilder().setId(id).setTtl(held.ttl)),
          LeaseHome.key(id),
          sent + 3 * SECOND,
          answer -> {
            if (answer != null && answer.hasLease()) {
              held.given = true;
              held.countedOn = sent + held.ttl * SECOND;
              all.add(held);
              put(held);
              keepAlive(held, (int) scheduler.pick(0, 12));
            } else {
              scheduler.after(SECOND / 2, this::lease);
            }
          });
    }

    private void put(Held held) {
      if (over || held.revokeSent || scheduler.nanos() >= held.countedOn) {
        return;
      }
      Bytes key = land.prefix.concat(Bytes.wrap(ByteBuffer.allocate(12)
          .putShort((short) scheduler.pick(0, 65535))
          .putLong(held.id)
          .putShort((short) held.tried.size())
          .array()));
      held.tried.add(key);
      ask(
          Request.newBuilder()
              .setPut(PutRequest.newBuilder()
                  .setKey(key.toByteString())
                  .setValue(ByteString.copyFromUtf8("v"))
                  .setLease(held.id)),
          key,
          scheduler.nanos() + SECOND,
          answer -> {
            if (answer != null && answer.hasPut()) {
              held.keys.add(key);
            }
          });
      scheduler.after(scheduler.pick(10 * MILLISECOND, SECOND / 4), () -> put(held));
    }

    private void keepAlive(Held held, int times) {
      if (times == 0 || over) {
        if (scheduler.chance(0.5) && !over) {
          revoke(held);
        }
        scheduler.after(scheduler.pick(0, SECOND), this::lease);
        return;
      }
      long sent = scheduler.nanos();
      ask(
          Request.newBuilder()
              .setLeaseKeepAlive(LeaseKeepAliveRequest.newBuilder().addIds(held.id)),
          LeaseHome.key(held.id),
          sent + SECOND,
          answer -> {
            if (answer != null
                && answer.hasLeaseKeepAlive()
                && answer.getLeaseKeepAlive().getTtls(0) > 0) {
              held.countedOn = Math.max(held.countedOn, sent + held.ttl * SECOND);
            }
            scheduler.after(
                scheduler.pick(0, held.ttl * SECOND / 3), () -> keepAlive(held, times - 1));
          });
    }

    private void revoke(Held held) {
      held.revokeSent = true;
      ask(
          Request.newBuilder().setLeaseRevoke(LeaseRevokeRequest.newBuilder().setId(held.id)),
          LeaseHome.key(held.id),
          scheduler.nanos() + 2 * SECOND,
          answer -> held.revoked = answer != null && answer.hasLease());
    }

    /** Looks at a key: it is there as long as its client may count on it, and gone once its lease was revoked. */
    private void read() {
      if (over) {
        return;
      }
      scheduler.after(scheduler.pick(0, 20 * MILLISECOND), this::read);
      if (all.isEmpty()) {
        return;
      }
      Held held = all.get(all.size() - 1 - scheduler.random().nextInt(Math.min(8, all.size())));
      if (held.keys.isEmpty()) {
        return;
      }
      Bytes key = held.keys.get(scheduler.random().nextInt(held.keys.size()));
      boolean revokedBefore = held.revoked;
      ask(
          Request.newBuilder().setGet(GetRequest.newBuilder().setKey(key.toByteString())),
          key,
          scheduler.nanos() + SECOND,
          answer -> {
            if (answer == null || !answer.hasGet()) {
              return;
            }
            if (answer.getGet().hasKv()) {
              assertThat(revokedBefore)
                  .as("RevokedIsGone: %s of %s", key, held.id)
                  .isFalse();
            } else {
              assertThat(held.revokeSent || scheduler.nanos() >= held.countedOn)
                  .as("NeverEarly: %s of %s", key, held.id)
                  .isTrue();
            }
          });
    }

    /** No disk shows a lease's end before its client's time. */
    private void look() {
      if (over) {
        return;
      }
      scheduler.after(SECOND / 4, this::look);
      for (int store = 1; store <= 3; store++) {
        Set<Long> live = new HashSet<>();
        for (LeaseHome lease : land.leasesOnDisk(store)) {
          if (!lease.revoking()) {
            live.add(lease.id());
          }
        }
        Set<Long> had = seen.get(store - 1);
        for (Held held : all) {
          if (had.contains(held.id) && !live.contains(held.id)) {
            assertThat(held.revokeSent || scheduler.nanos() >= held.countedOn)
                .as("NeverEarly: lease %s on store %s", held.id, store)
                .isTrue();
          }
        }
        had.addAll(live);
      }
    }

    // ---------------------------------------------------------------- what stores do among
    // themselves

    private CompletableFuture<Optional<LeaseHomes.Registered>> register(
        long lease, KeyRange range) {
      CompletableFuture<Optional<LeaseHomes.Registered>> done = new CompletableFuture<>();
      ask(
          Request.newBuilder()
              .setLeaseRegister(
                  LeaseRegisterRequest.newBuilder().setId(lease).setRange(Wire.range(range))),
          LeaseHome.key(lease),
          scheduler.nanos() + SECOND,
          answer -> {
            if (answer == null) {
              done.completeExceptionally(new IllegalStateException("no answer"));
            } else if (answer.hasRefusal()) {
              done.complete(Optional.empty());
            } else {
              done.complete(Optional.of(new LeaseHomes.Registered(
                  answer.getLease().getGrantRevision(),
                  answer.getRevision(),
                  Wire.range(answer.getLease().getRanges(0)))));
            }
          });
      return done;
    }

    private void reap() {
      for (int store = 1; store <= 3; store++) {
        for (RegionHost host : land.hosts(store)) {
          for (LeaseHome lease : host.revoking()) {
            String name = store + "/" + lease.id() + "/" + lease.grantRevision();
            if (reaping.add(name)) {
              strip(lease, 0, lease.ranges().ranges().get(0).start(), done -> {
                if (done) {
                  host.finishRevoke(lease.id(), lease.grantRevision());
                }
                scheduler.after(SECOND / 4, () -> reaping.remove(name));
              });
            }
          }
        }
      }
      scheduler.after(SECOND / 10, this::reap);
    }

    private void strip(LeaseHome lease, int range, Bytes at, Consumer<Boolean> done) {
      ask(
          Request.newBuilder()
              .setLeaseStrip(LeaseStripRequest.newBuilder()
                  .setAt(at.toByteString())
                  .setId(lease.id())
                  .setGrantRevision(lease.grantRevision())),
          at,
          scheduler.nanos() + SECOND,
          answer -> {
            if (answer == null || !answer.hasLease()) {
              done.accept(false);
              return;
            }
            Bytes next = Wire.range(answer.getLease().getRanges(0)).end();
            KeyRange asked = lease.ranges().ranges().get(range);
            if (KeyRange.compareEnds(next, asked.end()) < 0) {
              strip(lease, range, next, done);
            } else if (range + 1 < lease.ranges().ranges().size()) {
              strip(lease, range + 1, lease.ranges().ranges().get(range + 1).start(), done);
            } else {
              done.accept(true);
            }
          });
    }

    // ---------------------------------------------------------------- the way to a region

    /** Asks until an answer of the data comes, or the time is over: then null. Sometimes twice, and late. */
    private void ask(
        Request.Builder body, Bytes key, long until, Consumer<@Nullable Response> done) {
      if (scheduler.nanos() >= until) {
        done.accept(null);
        return;
      }
      RegionDescriptor region = owner(key);
      int leader = land.leaderStore(region.id());
      int store = leader != 0 && scheduler.chance(0.9) ? leader : (int) scheduler.pick(1, 3);
      Request request = body.setRequestId(++sequence)
          .setRegionId(region.id().value())
          .setEpoch(Wire.epoch(region.epoch()))
          .setTimeoutMs((int) scheduler.pick(100, 1500))
          .build();
      boolean[] heard = {false};
      Consumer<@Nullable Response> once = answer -> {
        if (!heard[0]) {
          heard[0] = true;
          if (answer == null || answer.hasRegionError()) {
            scheduler.after(scheduler.pick(0, 30 * MILLISECOND), () -> ask(body, key, until, done));
          } else {
            done.accept(answer);
          }
        }
      };
      // A put that comes late may be of a lease that its client has given up: only its fate is
      // checked then.
      int times = !calm && !request.hasLeaseGrant() && scheduler.chance(0.1) ? 2 : 1;
      for (int i = 0; i < times; i++) {
        scheduler.after(
            delay() + i * scheduler.pick(0, SECOND),
            () -> land.host(store, region.id())
                .ifPresentOrElse(
                    host -> host.handle(
                        new RegionRequest(request, "", 0, 77),
                        response -> scheduler.after(delay(), () -> once.accept(response))),
                    () -> once.accept(null)));
      }
      scheduler.after(2 * SECOND, () -> once.accept(null));
    }

    private long delay() {
      return scheduler.pick(1000, 3 * MILLISECOND);
    }

    private RegionDescriptor owner(Bytes key) {
      return land.freshest(key);
    }

    // ---------------------------------------------------------------- disasters

    private void cut() {
      if (over || land.splits - land.merges >= 10) {
        return;
      }
      Bytes key = anyKey();
      land.cut(owner(key).id(), List.of(key));
      scheduler.after(scheduler.pick(SECOND / 10, 3 * SECOND), this::cut);
    }

    private void join() {
      if (over) {
        return;
      }
      land.join(owner(anyKey()).id());
      scheduler.after(scheduler.pick(SECOND / 10, SECOND), this::join);
    }

    private Bytes anyKey() {
      return land.prefix.concat(Bytes.wrap(ByteBuffer.allocate(Short.BYTES)
          .putShort((short) scheduler.pick(1, 65535))
          .array()));
    }

    private void strike() {
      if (over) {
        return;
      }
      long lot = scheduler.pick(0, 9);
      if (lot < 4) {
        land.group(owner(anyKey()).id()).electAny();
      } else if (lot < 5) {
        oracle.failOver();
      } else {
        int victim = (int) scheduler.pick(1, 3);
        if (land.isUp(1) && land.isUp(2) && land.isUp(3)) {
          land.crash(victim);
          scheduler.after(scheduler.pick(0, SECOND), () -> {
            if (!land.isUp(victim)) {
              land.start(victim);
            }
          });
        }
      }
      scheduler.after(SECOND / 10, land::electMissing);
      scheduler.after(scheduler.pick(10 * MILLISECOND, 2 * SECOND), this::strike);
    }

    // ---------------------------------------------------------------- judgement

    private void check() {
      for (int store = 1; store <= 3; store++) {
        land.checkTiling(store);
        assertThat(land.sums(store)).as("ReplicasAreEqual").isEqualTo(land.sums(1));
        assertThat(land.leasesOnDisk(store)).as("AllEnd on store %s", store).isEmpty();
      }
      int keys = 0;
      Map<Bytes, Boolean> alive = new HashMap<>();
      for (Held held : all) {
        keys += held.keys.size();
        held.tried.forEach(key -> alive.put(key, land.isLive(1, key)));
      }
      assertThat(alive).as("NoKeyIsLeft").doesNotContainValue(true);
      assertThat(all).as("leases").isNotEmpty();
      if (calm) {
        assertThat(keys).as("keys under leases").isGreaterThan(20);
        assertThat(land.merges > 0).as("Liveness: regions joined").isEqualTo(merges);
      }
    }
  }
}
