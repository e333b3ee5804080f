package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.Compare;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RefusedException;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Lease;
import io.quorate.client.lease.LeaseLoss;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.client.lease.Session;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.region.host.RegionHost;
import io.quorate.region.lease.LeaseHome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leases over nine regions on three stores: what is promised of them, in health and when the home's store is killed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaseIT {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseIT.class);
  private static final long SECOND = 1_000_000_000L;
  private static final int KEYS = 1000;
  /** Seconds; a home may be silent for nearly as long before a session counts itself as lost. */
  private static final int SESSION_TTL = 8;

  private static final Bytes VALUE = Bytes.utf8("v");

  private EmbeddedCluster cluster;
  private QuorateClient client;

  @BeforeAll
  void start() {
    // Ids that the client draws begin with 0x00 to 0x7f, as these keys do.
    cluster = EmbeddedCluster.builder()
        .stores(3)
        .splitKeys("\u0010", "0", "k1", "k2", "k3", "k4", "k5", "k6")
        .start();
    client = cluster.client();
  }

  @BeforeEach
  void awaitReady() {
    cluster.awaitReady(Duration.ofSeconds(60));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static Bytes key(String of, int number) {
    return Bytes.utf8("k" + number % 8 + "/" + of + "/" + number);
  }

  private List<Bytes> fill(String of, long lease) {
    List<Bytes> keys = new ArrayList<>();
    List<CompletableFuture<?>> puts = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(key(of, i));
      puts.add(client.put(key(of, i), VALUE, PutOptions.DEFAULT.withLease(lease)));
    }
    puts.forEach(CompletableFuture::join);
    return keys;
  }

  /** A grant may be of unknown fate where a leader steps down: then another one. */
  private Session session() {
    for (int i = 0; i < 5; i++) {
      try {
        return client.leases().session(SESSION_TTL).join();
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(OutcomeUnknownException.class);
      }
    }
    throw new AssertionError("no grant in five was answered");
  }

  private long alive(String of) {
    long alive = 0;
    for (int region = 0; region < 8; region++) {
      alive += client.blocking().count(KeyRange.prefix(Bytes.utf8("k" + region + "/" + of + "/")));
    }
    return alive;
  }

  private static void assertRefused(RefusalCode code, String words, CompletableFuture<?> asked) {
    assertThatThrownBy(asked::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(RefusedException.class, refused -> {
          assertThat(refused.code()).isEqualTo(code);
          assertThat(refused).hasMessage(words);
        });
  }

  @Test
  void aLeaseWithAThousandKeysOverEightRegionsIsRevokedAsAWhole() {
    Lease lease = client.leases().grant(600).join();
    List<Bytes> keys = fill("whole", lease.id());
    LeaseStatus status = client.leases().timeToLive(lease.id(), true).join();
    assertThat(status.keys()).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(status.ttlSeconds()).isBetween(500L, 600L);
    assertThat(status.grantedTtlSeconds()).isEqualTo(600);
    assertThat(client.leases().list().join()).contains(lease.id());

    client.leases().revoke(lease.id()).join();

    assertThat(alive("whole")).isZero();
    assertThat(client.leases().timeToLive(lease.id(), true).join().exists()).isFalse();
    assertThat(client.leases().list().join()).doesNotContain(lease.id());
    assertThat(client.leases().keepAliveOnce(lease.id()).join()).isZero();
    assertRefused(
        RefusalCode.LEASE_NOT_FOUND,
        "etcdserver: requested lease not found",
        client.put(key("whole", 1), VALUE, PutOptions.DEFAULT.withLease(lease.id())));
    assertThat(alive("whole")).isZero();
  }

  @Test
  void idsMayBeGrantedAnewAndTheOldLeaseTakesNothingOfTheNew() {
    long id = 0x0102030405060708L;
    for (int round = 0; round < 5; round++) {
      assertThat(client.leases().grant(60, id).join().id()).isEqualTo(id);
      for (int i = 0; i < 16; i++) {
        client.put(key("anew", i), VALUE, PutOptions.DEFAULT.withLease(id)).join();
      }
      assertThat(alive("anew")).isEqualTo(16);
      client.leases().revoke(id).join();
      assertThat(alive("anew")).isZero();
    }
  }

  @Test
  void badInputGetsEtcdsErrors() {
    Lease lease = client.leases().grant(60, -5).join();
    assertThat(lease.id()).isEqualTo(-5);
    assertRefused(
        RefusalCode.LEASE_EXISTS,
        "etcdserver: lease already exists",
        client.leases().grant(60, -5));
    assertRefused(
        RefusalCode.LEASE_TTL_TOO_LARGE,
        "etcdserver: too large lease TTL",
        client.leases().grant(9_000_000_001L));
    assertRefused(
        RefusalCode.LEASE_NOT_FOUND,
        "etcdserver: requested lease not found",
        client.leases().revoke(12345));
    assertRefused(
        RefusalCode.LEASE_NOT_FOUND,
        "etcdserver: requested lease not found",
        client.put(key("bad", 1), VALUE, PutOptions.DEFAULT.withLease(12345)));
    assertThat(client.leases().grant(0).join().ttlSeconds()).isEqualTo(2);
    assertThat(client.leases().grant(-7).join().ttlSeconds()).isEqualTo(2);
    Lease longest = client.leases().grant(9_000_000_000L).join();
    assertThat(longest.ttlSeconds()).isEqualTo(9_000_000_000L);
    assertThat(client.leases().keepAliveOnce(longest.id()).join()).isEqualTo(9_000_000_000L);
    assertThat(client.leases().timeToLive(longest.id(), false).join().ttlSeconds())
        .isGreaterThan(8_999_999_000L);
    client.leases().revoke(longest.id()).join();
    client.leases().revoke(-5).join();
    assertThat(client.leases().timeToLive(4711, true).join().ttlSeconds()).isEqualTo(-1);
    assertThat(client.leases().keepAliveOnce(4711).join()).isZero();
  }

  @Test
  void puttingAgainMovesDetachesOrKeepsTheLease() {
    Lease left = client.leases().grant(60).join();
    Lease right = client.leases().grant(60).join();
    List<Bytes> keys = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      keys.add(key("again", i));
      client.put(keys.get(i), VALUE, PutOptions.DEFAULT.withLease(left.id())).join();
    }
    client.put(keys.get(0), VALUE).join();
    client.put(keys.get(1), VALUE, PutOptions.DEFAULT.withLease(right.id())).join();
    client.put(keys.get(2), Bytes.utf8("w"), PutOptions.DEFAULT.ignoringLease()).join();
    assertThat(client
            .txn()
            .when(Compare.lease(keys.get(2), Compare.Relation.EQUAL, left.id()))
            .then(TxnOp.put(keys.get(2), VALUE, PutOptions.DEFAULT.withLease(left.id())))
            .commit()
            .join()
            .succeeded())
        .isTrue();
    assertThat(client.leases().timeToLive(left.id(), true).join().keys())
        .containsExactlyInAnyOrder(keys.get(2), keys.get(3));

    client.leases().revoke(left.id()).join();
    assertThat(client.get(keys.get(0)).join()).isPresent();
    assertThat(client.get(keys.get(1)).join()).isPresent();
    assertThat(client.get(keys.get(2)).join()).isEmpty();
    assertThat(client.get(keys.get(3)).join()).isEmpty();
    client.leases().revoke(right.id()).join();
    assertThat(client.get(keys.get(1)).join()).isEmpty();
  }

  @Test
  void leasesEndAndNotBeforeTheirTime() {
    List<Lease> leases = new ArrayList<>();
    List<Long> asked = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      asked.add(System.nanoTime());
      leases.add(client.leases().grant(3).join());
      client
          .put(key("time", i), VALUE, PutOptions.DEFAULT.withLease(leases.get(i).id()))
          .join();
    }
    boolean[] gone = new boolean[leases.size()];
    long worst = 0;
    long patience = System.nanoTime() + 60 * SECOND;
    for (int left = gone.length; left > 0; ) {
      // How late is judged by soak-lease on a machine of its own; here only that all end.
      assertThat(System.nanoTime()).as("%s leases are left", left).isLessThan(patience);
      for (int i = 0; i < gone.length; i++) {
        long before = System.nanoTime();
        if (!gone[i] && client.get(key("time", i)).join().isEmpty()) {
          gone[i] = true;
          left--;
          long lived = System.nanoTime() - asked.get(i);
          assertThat(lived).as("NeverEarly").isGreaterThanOrEqualTo(3 * SECOND);
          worst = Math.max(worst, before - asked.get(i));
        }
      }
    }
    LOG.info("the last of 100 leases of 3 s was gone after {} ms", worst / 1_000_000);
  }

  @Test
  void aSessionLivesThroughSplitTransferAndTheDeathOfItsHomesStore() throws Exception {
    Session session = session();
    fill("session", session.id());
    List<Session> others = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      others.add(session());
    }
    int home = homeStore(session.id());
    cluster.killStore(home);
    TimeUnit.SECONDS.sleep(SESSION_TTL + 1);
    cluster.startStore(home);
    cluster.awaitReady(Duration.ofSeconds(60));
    RegionHost now = home(session.id());
    now.transferLeadership(now.descriptor().peers().stream()
            .filter(peer -> peer.store().value() != homeStore(session.id()))
            .findFirst()
            .orElseThrow())
        .get(60, TimeUnit.SECONDS);
    TimeUnit.SECONDS.sleep(SESSION_TTL + 1);
    assertThat(session.lost()).isNotDone();
    others.forEach(other -> assertThat(other.lost()).isNotDone());
    assertThat(session.proven()).isPositive();
    assertThat(alive("session")).isEqualTo(KEYS);

    others.forEach(Session::close);
    session.close();
    assertThat(session.lost().get(60, TimeUnit.SECONDS)).isEqualTo(LeaseLoss.CLOSED);
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> alive("session") == 0);
    // Each by its own last keep-alive; asking for one more would keep it.
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> others.stream()
            .noneMatch(
                other -> client.leases().timeToLive(other.id(), false).join().exists()));
  }

  @Test
  void aRevocationIsFinishedByTheNextHomeWhenItsStoreIsKilledInTheMiddle() throws Exception {
    for (int round = 0; round < 4; round++) {
      String name = "killed" + round;
      Lease lease = client.leases().grant(600).join();
      fill(name, lease.id());
      int home = homeStore(lease.id());
      CompletableFuture<Void> revoked = client.leases().revoke(lease.id());
      // A little later each time: before the mark, between regions, after all.
      TimeUnit.MILLISECONDS.sleep(3L + 12L * round);
      cluster.killStore(home);
      LOG.info("round {}: {} keys left at the kill", round, alive(name));
      cluster.startStore(home);
      Throwable failure = revoked.handle((done, why) -> why).get(60, TimeUnit.SECONDS);
      LOG.info("round {}: the revoker was told {}", round, String.valueOf(failure));
      if (failure != null) {
        client.leases().revoke(lease.id()).exceptionally(why -> null).join();
      }
      assertThat(alive(name)).as("round %s", round).isZero();
      assertThat(client.leases().timeToLive(lease.id(), false).join().exists()).isFalse();
      assertThat(client.leases().list().join()).doesNotContain(lease.id());
    }
  }

  private Optional<RegionHost> led(int store, long lease) {
    return cluster.store(store).stream()
        .flatMap(node -> node.engine().led().stream())
        .filter(region -> region.descriptor().range().contains(LeaseHome.key(lease)))
        .findFirst();
  }

  private int homeStore(long lease) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              for (int store = 1; store <= 3; store++) {
                if (led(store, lease).isPresent()) {
                  return store;
                }
              }
              return 0;
            },
            store -> store != 0);
  }

  private RegionHost home(long lease) {
    return led(homeStore(lease), lease).orElseThrow();
  }
}
