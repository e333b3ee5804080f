package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.ClientClosedException;
import io.quorate.client.ClientConfig;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.TxnOp;
import io.quorate.client.UnavailableException;
import io.quorate.client.txn.CommitStep;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Coordinators that end before each of their steps: what they leave is settled by the stores, though nobody ever comes near its keys, and
 * the whole was done or nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AbandonedTransactionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration TTL = Duration.ofMillis(500);

  private EmbeddedCluster cluster;
  private QuorateClient witness;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder().stores(3).splitKeys("m").start();
    cluster.awaitReady(PATIENCE);
    witness = cluster.client();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private QuorateClient open(Duration ttl, Predicate<CommitStep> goesOn) {
    return QuorateClient.open(ClientConfig.of(witness.config().placement())
        .withTimeouts(PATIENCE, Duration.ofSeconds(5))
        .withTransactions(TransactionLimits.defaults().withLockTtl(ttl))
        .withCommitSteps(goesOn));
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }

  private void awaitNoLocks() {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(witness.locks(KeyRange.ALL, 100).join()).isEmpty());
  }

  /** The step before which it ends, which one of its kind, and whether it is done all the same. */
  @ParameterizedTest
  @CsvSource({
    "Prewrite,1,nothing",
    "Prewrite,2,nothing",
    "Stamp,1,nothing",
    "CommitPrimary,1,unknown",
    "Commit,1,all",
    "Forget,1,all"
  })
  void whoeverEndsAnywhereLeavesAllOrNothingAndNoLock(String step, int which, String left) {
    String name = step + which;
    AtomicInteger met = new AtomicInteger();
    CountDownLatch ended = new CountDownLatch(1);
    try (QuorateClient mortal = open(TTL, each -> {
      boolean goesOn =
          !each.getClass().getSimpleName().equals(step) || met.incrementAndGet() != which;
      if (!goesOn) {
        ended.countDown();
      }
      return goesOn;
    })) {
      Runnable commit = () -> mortal
          .blocking()
          .txn()
          .then(TxnOp.put(key("a/" + name), key("1")), TxnOp.put(key("z/" + name), key("1")))
          .commit();
      switch (left) {
        case "nothing" -> assertThatThrownBy(commit::run).isInstanceOf(UnavailableException.class);
        case "unknown" ->
          assertThatThrownBy(commit::run).isInstanceOf(OutcomeUnknownException.class);
        default -> commit.run();
      }
      assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      awaitNoLocks();
      // Only now does anybody look at the keys.
      boolean done = left.equals("all");
      assertThat(witness.blocking().get(key("a/" + name)).isPresent()).isEqualTo(done);
      assertThat(witness.blocking().get(key("z/" + name)).isPresent()).isEqualTo(done);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A client that is closed tells all who wait, whatever they wait for. */
  @Test
  void closingTheClientEndsTransactionsThatWait() throws InterruptedException {
    CountDownLatch standing = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (QuorateClient holder = open(Duration.ofSeconds(30), step -> {
      if (step instanceof CommitStep.Stamp) {
        standing.countDown();
        await(go);
      }
      return true;
    })) {
      CompletableFuture<?> held = CompletableFuture.runAsync(() -> put(holder, "held"));
      assertThat(standing.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      QuorateClient waiter = open(TTL, step -> true);
      CompletableFuture<?> waits = CompletableFuture.runAsync(() -> put(waiter, "waits"));
      CompletableFuture<?> told = waiter.transact(tx -> tx.get(key("a/x")).thenApply(found -> {
        tx.put(key("a/x"), key("told"));
        tx.put(key("z/x"), key("told"));
        return true;
      }));
      Awaitility.await()
          .pollDelay(Duration.ofMillis(300))
          .atMost(PATIENCE)
          .until(() -> !waits.isDone() && !told.isDone());
      waiter.close();
      for (CompletableFuture<?> each : List.of(waits, told)) {
        assertThatThrownBy(
                () -> each.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join())
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOf(QuorateException.class)
            .isInstanceOf(ClientClosedException.class);
      }
      go.countDown();
      held.join();
      assertThat(witness.blocking().get(key("z/x")).orElseThrow().value()).isEqualTo(key("held"));
    }
    awaitNoLocks();
  }

  private static void put(QuorateClient client, String value) {
    client.blocking().transact(tx -> {
      tx.put(key("a/x"), key(value));
      tx.put(key("z/x"), key(value));
      return true;
    });
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
