package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.sim.SimCluster;
import io.quorate.client.sim.SimStore.Fate;
import io.quorate.client.txn.Committed;
import io.quorate.client.txn.TransactionStatus;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Transactions over two regions of a fake cluster, through the whole client. */
class TransactionsTest {
  private final SimCluster cluster = new SimCluster(3, "m");
  private final QuorateClient client = QuorateClient.open(cluster.config(Duration.ofSeconds(5)));
  private final BlockingClient kv = client.blocking();

  @AfterEach
  void close() {
    client.close();
    cluster.close();
  }

  private static Bytes key(String text) {
    return Bytes.utf8(text);
  }

  private void nothingIsLeft() {
    Awaitility.await().until(() -> cluster.locks() == 0 && cluster.decisions() == 0);
  }

  @Test
  void conditionsAndOperationsMayLieAnywhere() {
    kv.put(key("a"), key("1"));
    TxnResult done = kv.txn()
        .when(Compare.value(key("a"), Compare.Relation.EQUAL, key("1")), Compare.absent(key("z")))
        .then(
            TxnOp.put(key("a"), key("2"), PutOptions.DEFAULT.withPrevious()),
            TxnOp.put(key("z"), key("2")),
            TxnOp.range(KeyRange.ALL, RangeOptions.DEFAULT),
            TxnOp.delete(KeyRange.of(key("x"), key("y")), DeleteOptions.DEFAULT))
        .commit();
    assertThat(done.succeeded()).isTrue();
    assertThat(((PutResult) done.results().get(0)).previous().orElseThrow().value())
        .isEqualTo(key("1"));
    assertThat(done.range(2).kvs())
        .extracting(kv -> kv.key().toUtf8(), KeyValue::modRevision, KeyValue::version)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", done.revision(), 2L),
            org.assertj.core.groups.Tuple.tuple("z", done.revision(), 1L));
    assertThat(kv.range(KeyRange.ALL).kvs()).isEqualTo(done.range(2).kvs());
    nothingIsLeft();
    TxnResult refused = kv.txn()
        .when(Compare.absent(key("z")))
        .then(TxnOp.put(key("a"), key("3")))
        .otherwise(TxnOp.get(key("a")))
        .commit();
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.range(0).kvs().get(0).value()).isEqualTo(key("2"));
  }

  @Test
  void aRangeOverRegionsIsDeletedAtOneRevision() {
    for (String each : List.of("a", "k", "m", "z")) {
      kv.put(key(each), key("v"));
    }
    DeleteResult gone =
        kv.deleteRange(KeyRange.of(key("b"), key("z")), DeleteOptions.DEFAULT.withPrevious());
    assertThat(gone.deleted()).isEqualTo(2);
    assertThat(gone.previous()).extracting(each -> each.key().toUtf8()).containsExactly("k", "m");
    assertThat(kv.count(KeyRange.ALL)).isEqualTo(2);
    DeleteResult none = kv.deleteRange(KeyRange.of(key("b"), key("y")), DeleteOptions.DEFAULT);
    assertThat(none.deleted()).isZero();
    nothingIsLeft();
  }

  @Test
  void whatEtcdRefusesIsRefusedWithNothingDone() {
    assertRefused(
        RefusalCode.DUPLICATE_KEY,
        TxnOp.put(key("a"), key("1")),
        TxnOp.put(key("z"), key("1")),
        TxnOp.delete(KeyRange.of(key("a"), key("c")), DeleteOptions.DEFAULT));
    TxnOp[] many = new TxnOp[129];
    for (int i = 0; i < many.length; i++) {
      many[i] = TxnOp.put(key((i % 2 == 0 ? "a" : "z") + i), key("1"));
    }
    assertRefused(RefusalCode.TOO_MANY_OPERATIONS, many);
    assertRefused(
        RefusalCode.KEY_NOT_FOUND,
        TxnOp.put(key("a"), key("1")),
        TxnOp.put(key("z"), Bytes.EMPTY, PutOptions.DEFAULT.ignoringValue()));
    assertRefused(
        RefusalCode.FUTURE_REVISION,
        TxnOp.put(key("a"), key("1")),
        TxnOp.range(KeyRange.ALL, RangeOptions.DEFAULT.at(1_000_000)));
    assertThat(kv.count(KeyRange.ALL)).isZero();
    assertThat(cluster.locks()).isZero();
  }

  private void assertRefused(RefusalCode code, TxnOp... operations) {
    assertThatThrownBy(() -> kv.txn().then(operations).commit())
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.code()).isEqualTo(code));
  }

  @Test
  void aBodySeesItsOwnWritesAndOneRevision() {
    kv.put(key("a"), key("1"));
    kv.put(key("z"), key("1"));
    AtomicInteger runs = new AtomicInteger();
    Committed<List<String>> done = kv.transact(tx -> {
      tx.put(key("b"), key("new"));
      tx.delete(key("a"));
      boolean first = runs.incrementAndGet() == 1;
      if (first) {
        kv.put(key("c"), key("from outside"));
      }
      List<String> seen = new ArrayList<>();
      tx.range(KeyRange.of(key("b"), key("c")))
          .forEach(each -> seen.add(each.key().toUtf8()));
      seen.add(tx.get(key("z")).orElseThrow().value().toUtf8());
      assertThat(tx.get(key("a"))).isEmpty();
      // It began before the other put: that it saw nothing of it makes it run again.
      assertThat(tx.get(key("c")).isEmpty()).isEqualTo(first);
      tx.put(key("z"), key("2"));
      return seen;
    });
    assertThat(done.value()).containsExactly("b", "1");
    assertThat(done.attempts()).isEqualTo(2);
  }

  @Test
  void whoComesSecondRunsAgain() {
    kv.put(key("a"), key("0"));
    kv.put(key("z"), key("0"));
    AtomicInteger runs = new AtomicInteger();
    Committed<Integer> done = kv.transact(tx -> {
      int a = Integer.parseInt(tx.get(key("a")).orElseThrow().value().toUtf8());
      if (runs.incrementAndGet() == 1) {
        kv.put(key("a"), key("41"));
      }
      tx.put(key("z"), key(Integer.toString(a + 1)));
      return a + 1;
    });
    assertThat(done.value()).isEqualTo(42);
    assertThat(done.attempts()).isEqualTo(2);
    assertThat(kv.get(key("z")).orElseThrow().modRevision()).isEqualTo(done.revision());
    nothingIsLeft();
  }

  @Test
  void manyTransfersLoseNothing() {
    int accounts = 6;
    for (int i = 0; i < accounts; i++) {
      kv.put(account(i), key("100"));
    }
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Bytes from = account(i % accounts);
      Bytes to = account((i * 5 + 3) % accounts);
      if (!from.equals(to)) {
        all.add(client.transact(tx -> tx.get(from).thenCombine(tx.get(to), (source, target) -> {
          tx.put(from, add(source.orElseThrow(), -1));
          tx.put(to, add(target.orElseThrow(), 1));
          return true;
        })));
      }
    }
    assertThat(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)))
        .as("%d locks stand", cluster.locks())
        .succeedsWithin(Duration.ofSeconds(60));
    long sum = kv.range(KeyRange.prefix(key("a"))).kvs().stream()
            .mapToLong(each -> Long.parseLong(each.value().toUtf8()))
            .sum()
        + kv.range(KeyRange.prefix(key("z"))).kvs().stream()
            .mapToLong(each -> Long.parseLong(each.value().toUtf8()))
            .sum();
    assertThat(sum).isEqualTo(100L * accounts);
    nothingIsLeft();
  }

  private static Bytes account(int number) {
    return key((number % 2 == 0 ? "a/" : "z/") + number);
  }

  private static Bytes add(KeyValue account, long amount) {
    return key(Long.toString(Long.parseLong(account.value().toUtf8()) + amount));
  }

  @Test
  void aBodyThatFailsDoesNothing() {
    assertThatThrownBy(() -> kv.transact(tx -> {
          tx.put(key("a"), key("1"));
          tx.put(key("z"), key("1"));
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("changed my mind");
    assertThat(kv.count(KeyRange.ALL)).isZero();
  }

  @Test
  void aCommitWithoutAnswerNamesTheTransactionAndCanBeAskedAbout() {
    client.close();
    try (QuorateClient brief = QuorateClient.open(cluster.config(Duration.ofMillis(700)))) {
      for (int id = 1; id <= 3; id++) {
        cluster.store(id).fault(request -> request.hasCommit() ? Fate.SWALLOW : null);
      }
      OutcomeUnknownException[] unknown = new OutcomeUnknownException[1];
      assertThatThrownBy(() -> brief.blocking().transact(tx -> {
            tx.put(key("a"), key("1"));
            tx.put(key("z"), key("1"));
            return true;
          }))
          .isInstanceOfSatisfying(OutcomeUnknownException.class, met -> unknown[0] = met);
      for (int id = 1; id <= 3; id++) {
        cluster.store(id).fault(null);
      }
      assertThat(brief.blocking().transactionStatus(unknown[0].transaction().orElseThrow()))
          .isEqualTo(new TransactionStatus.Pending());
    }
  }

  @Test
  void aRegionCutUnderATransactionIsFoundAgain() {
    kv.put(key("a"), key("1"));
    kv.put(key("z"), key("1"));
    cluster.split("d");
    TxnResult done = kv.txn()
        .then(
            TxnOp.put(key("b"), key("2")),
            TxnOp.put(key("e"), key("2")),
            TxnOp.put(key("y"), key("2")))
        .commit();
    assertThat(kv.get(key("e")).orElseThrow().modRevision()).isEqualTo(done.revision());
    nothingIsLeft();
  }
}
