package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.sim.SimCluster;
import io.quorate.client.sim.SimStore;
import io.quorate.client.sim.SimStore.Fate;
import io.quorate.client.store.StoreLimits;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against fake stores and a fake PD that answer, move, break and stay silent at will. */
class QuorateClientTest {
  private static final Duration SHORT = Duration.ofMillis(800);

  private SimCluster cluster;
  private QuorateClient client;

  @BeforeEach
  void start() {
    cluster = new SimCluster(3, "h", "p");
    client = QuorateClient.open(cluster.config(Duration.ofSeconds(5)).withPageKeys(2));
  }

  @AfterEach
  void stop() {
    client.close();
    cluster.close();
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }

  @Test
  void putGetAndDeleteKeepEtcdsNumbers() {
    BlockingClient kv = client.blocking();
    PutResult first = kv.put(key("a"), key("1"));
    PutResult second = kv.put(key("a"), key("2"), PutOptions.DEFAULT.withPrevious());
    assertThat(second.revision()).isGreaterThan(first.revision());
    assertThat(second.previous().orElseThrow().value()).isEqualTo(key("1"));
    KeyValue now = kv.get(key("a")).orElseThrow();
    assertThat(now)
        .isEqualTo(new KeyValue(key("a"), key("2"), first.revision(), second.revision(), 2, 0));
    assertThat(kv.delete(key("a")).deleted()).isEqualTo(1);
    assertThat(kv.get(key("a"))).isEmpty();
  }

  @Test
  void aTransactionTakesOneBranch() {
    TxnBuilder<TxnResult> txn = client.blocking().txn();
    TxnResult created = txn.when(Compare.absent(key("lock")))
        .then(TxnOp.put(key("lock"), key("me")))
        .otherwise(TxnOp.get(key("lock")))
        .commit();
    assertThat(created.succeeded()).isTrue();
    TxnResult refused = client
        .txn()
        .when(Compare.absent(key("lock")))
        .then(TxnOp.put(key("lock"), key("you")))
        .otherwise(TxnOp.get(key("lock")))
        .commit()
        .join();
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.range(0).kvs().get(0).modRevision()).isEqualTo(created.revision());
  }

  @Test
  void refusalsCarryTheirCode() {
    BlockingClient kv = client.blocking();
    assertRefused(RefusalCode.KEY_NOT_PROVIDED, () -> kv.put(Bytes.EMPTY, key("1")));
    assertRefused(
        RefusalCode.LEASE_NOT_FOUND,
        () -> kv.put(key("a"), key("1"), PutOptions.DEFAULT.withLease(9)));
  }

  private static void assertRefused(
      RefusalCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Test
  void anOversizedRequestIsRefusedBeforeItIsSent() {
    assertRefused(
        RefusalCode.REQUEST_TOO_LARGE,
        () -> client.blocking().put(key("a"), Bytes.wrap(new byte[2 << 20])));
    assertThat(cluster.leaderOf("a").seen()).isEmpty();
  }

  @Test
  void aMovedLeaderCostsOneMoreRoundTripAndNoLookup() {
    client.blocking().put(key("a"), key("1"));
    int lookups = cluster.placement().lookups();
    long old = cluster.leaderOf("a").id();
    long next = old % 3 + 1;
    cluster.moveLeader("a", next);
    client.blocking().put(key("a"), key("2"));
    client.blocking().put(key("a"), key("3"));
    assertThat(cluster.placement().lookups()).isEqualTo(lookups);
    assertThat(cluster.store(old).seen()).hasSize(2);
    assertThat(cluster.store(next).seen()).hasSize(2);
  }

  @Test
  void aSplitCostsOneMoreRoundTripAndNoLookup() {
    client.blocking().put(key("a"), key("1"));
    client.blocking().put(key("f"), key("1"));
    int lookups = cluster.placement().lookups();
    cluster.split("d");
    client.blocking().put(key("f"), key("2"));
    client.blocking().put(key("a"), key("2"));
    assertThat(client.blocking().count(KeyRange.ALL)).isEqualTo(2);
    assertThat(cluster.placement().lookups()).isLessThanOrEqualTo(lookups + 1);
  }

  @Test
  void aRangeReadsOnWhenItsRegionWasCutMeanwhile() {
    for (int i = 0; i < 8; i++) {
      client.blocking().put(key("" + (char) ('a' + i)), key("v"));
    }
    KeyRange range = KeyRange.of(key("a"), key("h"));
    PageReader pages = client.pages(range, RangeOptions.DEFAULT);
    assertThat(pages.next().join().orElseThrow().kvs()).hasSize(2);
    cluster.split("d");
    RangeResult read = client.blocking().range(range, RangeOptions.DEFAULT.withLimit(5));
    assertThat(read.kvs()).hasSize(5);
    assertThat(read.count()).isEqualTo(7);
    assertThat(read.more()).isTrue();
    int paged = 2;
    Optional<RangeResult> page = pages.next().join();
    while (page.isPresent()) {
      paged += page.get().kvs().size();
      page = pages.next().join();
    }
    assertThat(paged).isEqualTo(7);
  }

  @Test
  void anElectionIsWaitedFor() {
    client.blocking().put(key("a"), key("1"));
    cluster.loseLeader("a");
    CompletableFuture<PutResult> put = client.put(key("a"), key("2"));
    Awaitility.await()
        .until(() -> cluster.holdersOf(key("a")).stream()
                .mapToInt(store -> store.seen().size())
                .sum()
            > 3);
    assertThat(put).isNotDone();
    cluster.moveLeader("a", 2);
    assertThat(put.join().revision()).isPositive();
  }

  @Test
  void aWriteWhoseStreamBreaksAfterItWasSentIsAskedForAgainUnderItsName() {
    long before = client.blocking().put(key("a"), key("1")).revision();
    AtomicInteger breaks = new AtomicInteger(2);
    SimStore leader = cluster.leaderOf("a");
    int seen = leader.seen().size();
    leader.fault(request -> breaks.getAndDecrement() > 0 ? Fate.BREAK_AFTER : null);
    PutResult put = client.blocking().put(key("a"), key("2"));
    List<Request> attempts = leader.seen().subList(seen, leader.seen().size());
    assertThat(attempts).extracting(Request::getRepeated).containsExactly(false, true, true);
    assertThat(attempts)
        .extracting(Request::getSequence)
        .containsOnly(attempts.get(0).getSequence());
    assertThat(attempts).extracting(Request::getNewestKnown).containsOnly(before);
    assertThat(put.revision()).isEqualTo(before + 1);
    assertThat(client.blocking().get(key("a")).orElseThrow().version()).isEqualTo(2);
  }

  @Test
  void aWriteThatMayHaveHappenedStaysUnknownWhateverComesAfter() {
    AtomicInteger first = new AtomicInteger(1);
    cluster
        .leaderOf("a")
        .fault(request -> first.getAndDecrement() > 0 ? Fate.INDETERMINATE : Fate.BUSY);
    PutOptions options = PutOptions.DEFAULT.withTimeout(SHORT);
    assertThatThrownBy(() -> client.blocking().put(key("a"), key("2"), options))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("may or may not have happened");
  }

  @Test
  void withoutNamesAWriteWhoseStreamBreaksAfterItWasSentHasAnUnknownOutcome() {
    client.close();
    client = QuorateClient.open(cluster.config(Duration.ofSeconds(5)).withRepeatedWrites(false));
    client.blocking().put(key("a"), key("1"));
    AtomicInteger times = new AtomicInteger();
    cluster.leaderOf("a").fault(request -> {
      times.incrementAndGet();
      return Fate.BREAK_AFTER;
    });
    assertThatThrownBy(() -> client.blocking().put(key("a"), key("2")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("may or may not have happened");
    assertThat(times).hasValue(1);
    cluster.leaderOf("a").fault(null);
    assertThat(client.blocking().get(key("a")).orElseThrow().version()).isEqualTo(2);
  }

  @Test
  void aWriteAnsweredAsIndeterminateIsRepeatedUntilTheDeadline() {
    cluster.leaderOf("a").fault(request -> Fate.INDETERMINATE);
    PutOptions options = PutOptions.DEFAULT.withTimeout(SHORT);
    assertThatThrownBy(() -> client.blocking().put(key("a"), key("2"), options))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.leaderOf("a").seen()).hasSizeGreaterThan(1);
  }

  @Test
  void aReadSurvivesABrokenStream() {
    client.blocking().put(key("a"), key("1"));
    AtomicInteger left = new AtomicInteger(3);
    cluster.leaderOf("a").fault(request -> left.getAndDecrement() > 0 ? Fate.BREAK_BEFORE : null);
    assertThat(client.blocking().get(key("a"))).isPresent();
  }

  @Test
  void aWriteToAStoreThatIsDownCertainlyDidNotHappenAndIsTriedUntilItIsBack() {
    long leader = cluster.leaderOf("a").id();
    cluster.store(leader).stop();
    CompletableFuture<PutResult> put = client.put(key("a"), key("1"));
    Awaitility.await().until(() -> cluster.placement().lookups() > 1);
    cluster.store(leader).restart();
    assertThat(put.join().revision()).isPositive();
    assertThat(client.blocking().get(key("a")).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void theDeadlineOfAReadIsKept() {
    cluster.leaderOf("a").fault(request -> Fate.SWALLOW);
    assertThatThrownBy(() -> client.blocking().get(key("a"), SHORT))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("did not answer in time");
    assertThat(cluster.leaderOf("a").seen().size()).isGreaterThan(1);
  }

  @Test
  void theDeadlineOfASentWriteLeavesItsOutcomeUnknown() {
    cluster.leaderOf("a").fault(request -> Fate.SWALLOW);
    PutOptions options = PutOptions.DEFAULT.withTimeout(SHORT);
    assertThatThrownBy(() -> client.blocking().put(key("a"), key("1"), options))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void aBusyStoreIsAskedAgainUntilTheDeadline() {
    cluster.leaderOf("a").fault(request -> Fate.BUSY);
    PutOptions options = PutOptions.DEFAULT.withTimeout(SHORT);
    assertThatThrownBy(() -> client.blocking().put(key("a"), key("1"), options))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("queue full");
    assertThat(cluster.leaderOf("a").seen().size()).isGreaterThan(3);
  }

  @Test
  void withoutAPlacementDriverTheErrorSaysSo() {
    cluster.placement().stop();
    try (QuorateClient alone = QuorateClient.open(cluster.config(SHORT))) {
      assertThatThrownBy(() -> alone.blocking().get(key("a")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("placement driver");
      assertThatThrownBy(() -> alone.blocking().range(KeyRange.ALL))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("placement driver");
    }
  }

  @Test
  void aThousandMissesAreOneLookup() {
    try (QuorateClient patient = QuorateClient.open(
        cluster.config().withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(20)))) {
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        all.add(patient.get(key("" + (char) ('a' + i % 26) + i)));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    }
    assertThat(cluster.placement().lookups()).isEqualTo(1);
  }

  @Test
  void pushedRegionsSpareTheLookup() {
    cluster.placement().enablePush();
    try (QuorateClient pushed = QuorateClient.open(cluster.config())) {
      pushed.blocking().put(key("a"), key("1"));
      long next = cluster.leaderOf("a").id() % 3 + 1;
      cluster.moveLeader("a", next);
      cluster.placement().push();
      Awaitility.await().until(() -> {
        pushed.blocking().get(key("a"));
        return !cluster.store(next).seen().isEmpty();
      });
    }
  }

  @Test
  void requestsThatWaitTravelTogether() {
    client.blocking().get(key("a"));
    int before = cluster.leaderOf("a").batches();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      all.add(client.get(key("a" + i)));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    assertThat(cluster.leaderOf("a").batches() - before).isLessThan(2500);
  }

  @Test
  void moreThanTheLimitInFlightIsRefusedAtOnce() {
    StoreLimits limits = StoreLimits.defaults().withMaxInFlight(10);
    try (QuorateClient small = QuorateClient.open(cluster.config().withLimits(limits))) {
      small.blocking().get(key("a"));
      cluster.leaderOf("a").fault(request -> Fate.SWALLOW);
      for (int i = 0; i < 10; i++) {
        var unused = small.put(key("a"), key("1"));
      }
      assertThatThrownBy(() -> small.blocking().put(key("a"), key("1")))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("maxInFlightPerStore");
    }
  }

  @Test
  void writesAreNumberedOnceForAll() {
    for (int i = 0; i < 5; i++) {
      client.blocking().put(key("a"), key("1"));
      client.blocking().get(key("a"));
    }
    List<Long> sequences =
        cluster.leaderOf("a").seen().stream().map(Request::getSequence).toList();
    assertThat(sequences.stream().filter(n -> n != 0)).doesNotHaveDuplicates().hasSize(5);
  }

  @Test
  void userCodeNeverRunsOnAnIoThread() {
    Set<String> threads = ConcurrentHashMap.newKeySet();
    List<CompletableFuture<?>> all = new ArrayList<>();
    CountDownLatch gate = new CountDownLatch(1);
    cluster.leaderOf("a").fault(request -> {
      try {
        gate.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return null;
    });
    Runnable note = () -> threads.add(Thread.currentThread().getName());
    all.add(client.put(key("a"), key("1")).thenRun(note));
    all.add(client.range(KeyRange.ALL).thenRun(note));
    all.add(client.snapshot().thenRun(note));
    all.add(client.pages(KeyRange.ALL, RangeOptions.DEFAULT).next().thenRun(note));
    gate.countDown();
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    assertThat(threads).noneMatch(name -> name.contains("client-io"));
  }

  @Test
  void aCallbackMayWaitForAnotherRequest() {
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Bytes key = key("a" + i);
      all.add(client
          .put(key, key("1"))
          .thenAccept(done -> client.put(key, key("2")).thenRun(() -> {}).join()));
    }
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
    assertThat(client.count(KeyRange.ALL).join()).isEqualTo(50);
  }

  @Test
  void aSnapshotDoesNotMove() {
    client.blocking().put(key("a"), key("1"));
    client.blocking().put(key("z"), key("1"));
    Snapshot snapshot = client.blocking().snapshot();
    client.blocking().put(key("a"), key("2"));
    client.blocking().delete(key("z"));
    assertThat(snapshot.get(key("a")).join().orElseThrow().value()).isEqualTo(key("1"));
    assertThat(snapshot.count(KeyRange.ALL).join()).isEqualTo(2);
    RangeResult then = snapshot.range(KeyRange.ALL, RangeOptions.DEFAULT).join();
    assertThat(then.revision()).isEqualTo(snapshot.revision());
    assertThat(then.kvs()).extracting(KeyValue::key).containsExactly(key("a"), key("z"));
  }

  @Test
  void aFlowBringsWhatWasAskedForAndNoMore() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      client.blocking().put(key("" + (char) ('a' + i % 26) + i), key("v"));
    }
    List<Bytes> keys = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    client.stream(KeyRange.ALL, RangeOptions.DEFAULT).subscribe(new Flow.Subscriber<>() {
      private Flow.@Nullable Subscription subscription;

      @Override
      public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
      }

      @Override
      public void onNext(KeyValue kv) {
        keys.add(kv.key());
        Objects.requireNonNull(subscription).request(1);
      }

      @Override
      public void onError(Throwable failure) {
        throw new AssertionError(failure);
      }

      @Override
      public void onComplete() {
        done.countDown();
      }
    });
    assertThat(done.await(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    assertThat(keys).hasSize(30).isSorted();
  }

  @Test
  void requestsRetriesAndLookupsAreCounted() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (QuorateClient counted = QuorateClient.open(cluster.config().withMetrics(meters))) {
      counted.blocking().put(key("a"), key("1"));
      cluster.moveLeader("a", cluster.leaderOf("a").id() % 3 + 1);
      counted.blocking().put(key("a"), key("1"));
    }
    assertThat(meters
            .get("quorate.client.requests")
            .tags("op", "put", "outcome", "done")
            .timer()
            .count())
        .isEqualTo(2);
    assertThat(meters.get("quorate.client.retries").counter().count()).isEqualTo(1);
    assertThat(meters.get("quorate.client.route.lookups").counter().count()).isEqualTo(1);
  }

  @Test
  void closingFailsWhatWaitsAndLeavesNoThread() {
    cluster.leaderOf("a").fault(request -> Fate.SWALLOW);
    CompletableFuture<PutResult> sent = client.put(key("a"), key("1"));
    Awaitility.await().until(() -> !cluster.leaderOf("a").seen().isEmpty());
    cluster.loseLeader("z");
    CompletableFuture<PutResult> waiting = client.put(key("z"), key("1"));
    client.close();
    assertThatThrownBy(sent::join).hasCauseInstanceOf(OutcomeUnknownException.class);
    assertThatThrownBy(waiting::join).hasCauseInstanceOf(ClientClosedException.class);
    assertThatThrownBy(() -> client.blocking().get(key("a")))
        .isInstanceOf(ClientClosedException.class);
    Awaitility.await()
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("quorate-client")));
  }
}
