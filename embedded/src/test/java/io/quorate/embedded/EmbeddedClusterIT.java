package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.BlockingClient;
import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.placement.Located;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** A placement driver, three stores and eight regions, through the SDK. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EmbeddedClusterIT {
  private static final List<String> STARTS = List.of("a", "b", "c", "d", "e", "f", "g", "h");

  private EmbeddedCluster cluster;
  private BlockingClient client;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder()
        .stores(3)
        .splitKeys("b", "c", "d", "e", "f", "g", "h")
        .start();
    client = cluster.client().blocking();
  }

  @AfterAll
  void close() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void leadersAreSpreadOverTheStores() {
    List<Located> regions =
        cluster.client().placement().lookup(KeyRange.ALL, 0).join().regions();
    assertThat(regions).hasSize(8).allMatch(region -> region.region().peers().size() == 3);
    Awaitility.await()
        .untilAsserted(() -> assertThat(IntStream.rangeClosed(1, 3)
                .mapToObj(store -> cluster.store(store).orElseThrow().ledRegions())
                .toList())
            .allMatch(led -> led >= 1));
  }

  @Test
  void writesAreReadBackFromEveryRegionWithRisingRevisions() {
    long before = 0;
    for (String start : STARTS) {
      Bytes key = Bytes.utf8(start + "/written");
      long revision = client.put(key, Bytes.utf8("value of " + start)).revision();
      assertThat(revision).isGreaterThan(before);
      before = revision;
      KeyValue read = client.get(key).orElseThrow();
      assertThat(read.value().toUtf8()).isEqualTo("value of " + start);
      assertThat(read.modRevision()).isEqualTo(revision);
      assertThat(read.version()).isEqualTo(1);
    }
  }

  @Test
  void rangeOverAllRegionsShowsOneRevision() {
    STARTS.forEach(start -> client.put(Bytes.utf8(start + "/range"), Bytes.utf8("1")));
    long revision = client.snapshot().revision();
    STARTS.forEach(start -> client.put(Bytes.utf8(start + "/range"), Bytes.utf8("2")));
    RangeResult then = client.range(KeyRange.ALL, RangeOptions.DEFAULT.at(revision));
    assertThat(then.kvs().stream().filter(kv -> kv.key().toUtf8().endsWith("/range")))
        .hasSize(8)
        .allMatch(kv -> kv.value().toUtf8().equals("1"));
    RangeResult now = client.range(KeyRange.ALL);
    assertThat(now.revision()).isGreaterThan(revision);
    assertThat(now.kvs().stream().filter(kv -> kv.key().toUtf8().endsWith("/range")))
        .hasSize(8)
        .allMatch(kv -> kv.value().toUtf8().equals("2"));
  }

  @Test
  void transactionInOneRegionIsDoneOrNotAsAWhole() {
    Bytes lock = Bytes.utf8("d/lock");
    Bytes owner = Bytes.utf8("d/owner");
    TxnResult first = client
        .txn()
        .when(Compare.absent(lock))
        .then(TxnOp.put(lock, Bytes.utf8("x")), TxnOp.put(owner, Bytes.utf8("me")))
        .commit();
    assertThat(first.succeeded()).isTrue();
    TxnResult second = client
        .txn()
        .when(Compare.absent(lock))
        .then(TxnOp.put(owner, Bytes.utf8("you")))
        .otherwise(TxnOp.get(owner))
        .commit();
    assertThat(second.succeeded()).isFalse();
    assertThat(second.range(0).kvs()).extracting(kv -> kv.value().toUtf8()).containsExactly("me");
    assertThat(client.get(lock).orElseThrow().modRevision())
        .isEqualTo(client.get(owner).orElseThrow().modRevision())
        .isEqualTo(first.revision());
  }

  @Test
  void oversizedRequestIsRefused() {
    assertThatThrownBy(() -> client.put(Bytes.utf8("a/large"), Bytes.wrap(new byte[2 << 20])))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.code()).isEqualTo(RefusalCode.REQUEST_TOO_LARGE));
  }

  @Test
  void deletedKeysAreGoneAndStillReadableInThePast() {
    Bytes key = Bytes.utf8("e/deleted");
    long put = client.put(key, Bytes.utf8("v")).revision();
    assertThat(client
            .deleteRange(KeyRange.prefix(Bytes.utf8("e/deleted")), DeleteOptions.DEFAULT)
            .deleted())
        .isEqualTo(1);
    assertThat(client.get(key)).isEmpty();
    assertThat(client.range(KeyRange.single(key), RangeOptions.DEFAULT.at(put)).kvs())
        .hasSize(1);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void clusterGoesOnWithoutAKilledStoreAndTakesItBack() {
    STARTS.forEach(start -> client.put(Bytes.utf8(start + "/kept"), Bytes.utf8("before")));
    cluster.killStore(2);
    STARTS.forEach(start -> {
      Bytes key = Bytes.utf8(start + "/kept");
      assertThat(client.get(key).orElseThrow().value().toUtf8()).isEqualTo("before");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(QuorateException.class)
          .until(() -> client.put(key, Bytes.utf8("without 2")).revision() > 0);
    });
    cluster.startStore(2);
    cluster.stopStore(3);
    STARTS.forEach(start -> {
      Bytes key = Bytes.utf8(start + "/kept");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(QuorateException.class)
          .until(() -> client.get(key).orElseThrow().value().toUtf8().equals("without 2"));
    });
    cluster.startStore(3);
    cluster.awaitReady(Duration.ofSeconds(60));
  }
}
