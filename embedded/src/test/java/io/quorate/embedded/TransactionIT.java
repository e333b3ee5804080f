package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.BlockingClient;
import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.DeleteResult;
import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RefusedException;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.UnavailableException;
import io.quorate.client.lease.Lease;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.region.host.RegionHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Transactions over eight regions on three stores: as etcd does them, as a whole or not at all, whatever happens to the regions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransactionIT {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionIT.class);
  private static final int ACCOUNTS = 16;
  private static final int START = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private EmbeddedCluster cluster;
  private QuorateClient client;
  private BlockingClient kv;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder()
        .stores(3)
        .splitKeys("b", "c", "d", "e", "f", "g", "h")
        .start();
    client = cluster.client();
    kv = client.blocking();
  }

  @BeforeEach
  void awaitReady() {
    cluster.awaitReady(Duration.ofSeconds(60));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }

  @Test
  void conditionsAndOperationsLieAnywhereAndGetOneRevision() {
    kv.put(key("a/x"), key("1"));
    TxnResult done = kv.txn()
        .when(
            Compare.value(key("a/x"), Compare.Relation.EQUAL, key("1")), Compare.absent(key("h/x")))
        .then(
            TxnOp.put(key("a/x"), key("2"), PutOptions.DEFAULT.withPrevious()),
            TxnOp.put(key("d/x"), key("2")),
            TxnOp.put(key("h/x"), key("2")),
            TxnOp.get(key("d/x")))
        .otherwise(TxnOp.get(key("h/x")))
        .commit();
    assertThat(done.succeeded()).isTrue();
    assertThat(done.range(3).kvs().get(0))
        .isEqualTo(new KeyValue(key("d/x"), key("2"), done.revision(), done.revision(), 1, 0));
    for (String each : List.of("a/x", "d/x", "h/x")) {
      assertThat(kv.get(key(each)).orElseThrow().modRevision()).isEqualTo(done.revision());
    }
    assertThat(kv.get(key("a/x")).orElseThrow().version()).isEqualTo(2);
    TxnResult again = kv.txn()
        .when(Compare.absent(key("h/x")))
        .then(TxnOp.put(key("a/x"), key("3")))
        .otherwise(TxnOp.get(key("h/x")), TxnOp.get(key("a/x")))
        .commit();
    assertThat(again.succeeded()).isFalse();
    assertThat(again.range(1).kvs().get(0).value()).isEqualTo(key("2"));
    assertThat(again.revision()).isGreaterThanOrEqualTo(done.revision());
  }

  @Test
  void aRangeOverAllRegionsIsDeletedAtOneRevisionAndWatchersSeeItSo() {
    List<Bytes> keys = new ArrayList<>();
    for (char region = 'a'; region <= 'h'; region++) {
      for (int i = 0; i < 5; i++) {
        keys.add(key(region + "/deleted/" + i));
      }
    }
    keys.forEach(each -> kv.put(each, key("v")));
    Queue<WatchUpdate> updates = new ConcurrentLinkedQueue<>();
    try (Watch watch = client.watch(KeyRange.ALL, WatchOptions.DEFAULT, updates::add)) {
      watch.started().join();
      DeleteResult gone =
          kv.deleteRange(KeyRange.of(key("a/d"), key("h/e")), DeleteOptions.DEFAULT.withPrevious());
      assertThat(gone.previous()).extracting(KeyValue::key).containsAll(keys).isSorted();
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(updates.stream()
                  .filter(update -> update.events().stream()
                      .anyMatch(event -> event.revision() == gone.revision())))
              .singleElement()
              .satisfies(update -> assertThat(
                      update.events().stream().filter(event -> event.revision() == gone.revision()))
                  .hasSize((int) gone.deleted())));
    }
  }

  @Test
  void aLeaseOverAllRegionsEndsAtOneRevision() {
    Lease lease = client.leases().grant(600).join();
    List<Bytes> keys = new ArrayList<>();
    for (char region = 'a'; region <= 'h'; region++) {
      keys.add(key(region + "/leased"));
    }
    keys.forEach(each -> kv.put(each, key("v"), PutOptions.DEFAULT.withLease(lease.id())));
    Queue<WatchUpdate> updates = new ConcurrentLinkedQueue<>();
    try (Watch watch = client.watch(KeyRange.ALL, WatchOptions.DEFAULT, updates::add)) {
      watch.started().join();
      client.leases().revoke(lease.id()).join();
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> updates.stream()
                  .flatMap(update -> update.events().stream())
                  .filter(event -> keys.contains(event.key()))
                  .count()
              == keys.size());
      assertThat(updates.stream()
              .flatMap(update -> update.events().stream())
              .filter(event -> keys.contains(event.key()))
              .map(WatchEvent::revision)
              .distinct())
          .hasSize(1);
    }
  }

  @Test
  void whatEtcdRefusesIsRefusedWithNothingDone() {
    assertThatThrownBy(() -> kv.txn()
            .then(
                TxnOp.put(key("a/none"), key("1")),
                TxnOp.put(key("h/none"), key("1"), PutOptions.DEFAULT.withLease(4711)))
            .commit())
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.code()).isEqualTo(RefusalCode.LEASE_NOT_FOUND));
    assertThatThrownBy(() -> kv.txn()
            .then(
                TxnOp.put(key("a/none"), key("1")),
                TxnOp.delete(KeyRange.of(key("a"), key("h")), DeleteOptions.DEFAULT))
            .commit())
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.code()).isEqualTo(RefusalCode.DUPLICATE_KEY));
    assertThat(kv.get(key("a/none"))).isEmpty();
    // Nothing stays locked, either.
    kv.put(key("a/none"), key("1"));
    kv.delete(key("a/none"));
  }

  @Test
  void aBodySeesOneRevisionAndItsOwnWrites() {
    kv.put(key("a/own"), key("1"));
    kv.put(key("g/own"), key("1"));
    var done = kv.transact(tx -> {
      tx.put(key("c/own"), key("2"));
      tx.delete(key("a/own"));
      List<String> seen = new ArrayList<>();
      tx.range(KeyRange.of(key("a/own"), key("g/owo"))).stream()
          .map(each -> each.key().toUtf8())
          .filter(each -> each.endsWith("/own"))
          .forEach(seen::add);
      return seen;
    });
    assertThat(done.value()).containsExactly("c/own", "g/own");
    assertThat(kv.get(key("c/own")).orElseThrow().modRevision()).isEqualTo(done.revision());
    assertThat(kv.get(key("a/own"))).isEmpty();
  }

  private static Bytes account(int number) {
    return key((char) ('a' + number % 8) + "/bank/" + number);
  }

  private static long balance(KeyValue account) {
    return Long.parseLong(account.value().toUtf8());
  }

  /** Transfers between accounts all over the place, while regions are cut and leaders change; whoever looks sees the same sum. */
  @Test
  void noMoneyIsMadeOrLostWhileRegionsAreCutAndLeadersChange() throws Exception {
    for (int i = 0; i < ACCOUNTS; i++) {
      kv.put(account(i), key(Integer.toString(START)));
    }
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger transfers = new AtomicInteger();
    AtomicInteger unknown = new AtomicInteger();
    AtomicInteger looks = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(5);
    List<Future<?>> loops = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Random random = new Random(i);
      loops.add(threads.submit(() -> transfer(random, over, transfers, unknown)));
    }
    loops.add(threads.submit(() -> look(over, looks)));
    for (int round = 0; round < 6; round++) {
      int before = transfers.get();
      Awaitility.await().atMost(PATIENCE).until(() -> transfers.get() > before + 30);
      disturb(round);
    }
    int before = transfers.get();
    Awaitility.await().atMost(PATIENCE).until(() -> transfers.get() > before + 30);
    over.set(true);
    for (Future<?> loop : loops) {
      loop.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    LOG.info("{} transfers, {} unknown, {} looks", transfers, unknown, looks);
    assertThat(looks.get()).isPositive();
    assertThat(sum()).isEqualTo((long) START * ACCOUNTS);
  }

  private void transfer(
      Random random, AtomicBoolean over, AtomicInteger transfers, AtomicInteger unknown) {
    while (!over.get()) {
      Bytes from = account(random.nextInt(ACCOUNTS));
      Bytes to = account(random.nextInt(ACCOUNTS));
      int amount = random.nextInt(5);
      if (from.equals(to)) {
        continue;
      }
      try {
        var unused = kv.transact(tx -> {
          long source = balance(tx.get(from).orElseThrow());
          long target = balance(tx.get(to).orElseThrow());
          tx.put(from, key(Long.toString(source - amount)));
          tx.put(to, key(Long.toString(target + amount)));
          return true;
        });
        transfers.incrementAndGet();
      } catch (OutcomeUnknownException met) {
        unknown.incrementAndGet();
      } catch (UnavailableException met) {
        LOG.info("not done: {}", met.getMessage());
      }
    }
  }

  private void look(AtomicBoolean over, AtomicInteger looks) {
    while (!over.get()) {
      assertThat(sum()).isEqualTo((long) START * ACCOUNTS);
      looks.incrementAndGet();
    }
  }

  private long sum() {
    return kv.range(KeyRange.ALL, RangeOptions.DEFAULT).kvs().stream()
        .filter(each -> each.key().toUtf8().contains("/bank/"))
        .mapToLong(TransactionIT::balance)
        .sum();
  }

  /** Cuts a region between two accounts, or has its leader replaced. */
  private void disturb(int round) {
    Disturbance disturbance = new Disturbance(cluster);
    Bytes at = account(round);
    RegionHost region = disturbance.leaderOf(at);
    if (round % 2 == 0 && !region.descriptor().range().start().equals(at)) {
      disturbance.split(at);
    } else {
      disturbance.tryTransfer(region, new Random(round));
    }
  }

  /** Each reader has the coordinator commit above what it reads; the coordinator must get there all the same. */
  @Test
  void readersThatGoPastLocksDoNotKeepCommitsAway() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(4);
    List<Future<Integer>> looks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      looks.add(readers.submit(() -> {
        int count = 0;
        while (!over.get()) {
          List<KeyValue> found =
              kv.range(KeyRange.of(key("a/pushed"), key("h/pushed~"))).kvs().stream()
                  .filter(each -> each.key().toUtf8().endsWith("/pushed"))
                  .toList();
          assertThat(found).extracting(KeyValue::value).hasSizeBetween(0, 2);
          assertThat(found.stream().map(KeyValue::modRevision).distinct())
              .hasSizeLessThanOrEqualTo(1);
          count++;
        }
        return count;
      }));
    }
    for (int i = 0; i < 20; i++) {
      Bytes value = key(Integer.toString(i));
      kv.transact(tx -> {
        tx.put(key("a/pushed"), value);
        tx.put(key("h/pushed"), value);
        return true;
      });
    }
    over.set(true);
    for (Future<Integer> look : looks) {
      assertThat(look.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }
    readers.shutdown();
    assertThat(kv.get(key("h/pushed")).orElseThrow().version()).isEqualTo(20);
  }

  @Test
  void underContentionOnOneKeyEveryIncrementCounts() {
    kv.put(key("b/count"), key("0"));
    kv.put(key("f/count"), key("0"));
    int each = 25;
    var all = IntStream.range(0, 4)
        .mapToObj(thread -> CompletableFuture.runAsync(() -> {
          for (int i = 0; i < each; i++) {
            var unused = kv.transact(
                tx -> {
                  long count = balance(tx.get(key("b/count")).orElseThrow()) + 1;
                  tx.put(key("b/count"), key(Long.toString(count)));
                  tx.put(key("f/count"), key(Long.toString(count)));
                  return true;
                },
                PATIENCE);
          }
        }))
        .toList();
    all.forEach(CompletableFuture::join);
    assertThat(balance(kv.get(key("b/count")).orElseThrow())).isEqualTo(4L * each);
    assertThat(kv.get(key("f/count")).orElseThrow().value())
        .isEqualTo(kv.get(key("b/count")).orElseThrow().value());
  }
}
