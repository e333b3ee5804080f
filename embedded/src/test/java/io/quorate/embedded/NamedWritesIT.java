package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.client.BlockingClient;
import io.quorate.client.ClientConfig;
import io.quorate.client.Compare;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.PutResult;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores are killed while clients count: what the killed one was asked is asked again of the next leader, and nothing counts twice.
 * A key's version says how often it was put, and no client ever hears that it is not known whether it was.
 */
class NamedWritesIT {
  private static final Logger LOG = LoggerFactory.getLogger(NamedWritesIT.class);
  private static final int WRITERS = 8;
  private static final int KILLS = 4;
  private static final Bytes SHARED = Bytes.utf8("shared");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong puts = new AtomicLong();
  private final AtomicLong increments = new AtomicLong();

  @Test
  void nothingCountsTwiceThoughStoresAreKilled() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (EmbeddedCluster cluster =
            EmbeddedCluster.builder().stores(3).splitKeys("m").start();
        QuorateClient client = QuorateClient.open(ClientConfig.of(cluster.pdAddresses())
            .withTimeouts(Duration.ofSeconds(60), Duration.ofMillis(800))
            .withMetrics(meters))) {
      ExecutorService loops = Executors.newFixedThreadPool(WRITERS + 2);
      List<Future<Long>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        writers.add(loops.submit(() -> put(client.blocking(), number)));
      }
      List<Future<?>> counters = new ArrayList<>();
      for (int counter = 0; counter < 2; counter++) {
        counters.add(loops.submit(() -> increment(client.blocking())));
      }
      Awaitility.await().atMost(PATIENCE).until(() -> puts.get() > 200);
      for (int kill = 0; kill < KILLS; kill++) {
        strike(cluster, kill);
        long before = puts.get();
        Awaitility.await().atMost(PATIENCE).until(() -> puts.get() > before + 200);
      }
      over.set(true);
      for (int writer = 0; writer < WRITERS; writer++) {
        long done = writers.get(writer).get(60, TimeUnit.SECONDS);
        KeyValue last = client.blocking().get(key(writer)).orElseThrow();
        assertThat(last.version()).as("puts of writer %s", writer).isEqualTo(done);
      }
      for (Future<?> counter : counters) {
        counter.get(60, TimeUnit.SECONDS);
      }
      loops.shutdown();
      KeyValue shared = client.blocking().get(SHARED).orElseThrow();
      assertThat(Long.parseLong(shared.value().toUtf8())).isEqualTo(increments.get());
      assertThat(shared.version()).isEqualTo(increments.get());
      double repeats = meters.get("quorate.client.repeats").counter().count();
      LOG.info("{} puts, {} increments, {} repeats", puts.get(), increments.get(), repeats);
      assertThat(repeats).isPositive();
    }
  }

  private static Bytes key(int writer) {
    return Bytes.utf8((writer % 2 == 0 ? "a" : "z") + writer);
  }

  /** Each put must be answered by what the one before wrote: the answer is that of its first execution. */
  private long put(BlockingClient client, int writer) {
    long done = 0;
    while (!over.get()) {
      PutResult put = client.put(
          key(writer), Bytes.utf8(Long.toString(done)), PutOptions.DEFAULT.withPrevious());
      Optional<String> previous = put.previous().map(kv -> kv.value().toUtf8());
      assertThat(previous)
          .isEqualTo(done == 0 ? Optional.empty() : Optional.of(Long.toString(done - 1)));
      done++;
      puts.incrementAndGet();
    }
    return done;
  }

  private void increment(BlockingClient client) {
    while (!over.get()) {
      Optional<KeyValue> now = client.get(SHARED);
      long value = now.map(kv -> Long.parseLong(kv.value().toUtf8())).orElse(0L);
      TxnResult result = client
          .txn()
          .when(Compare.modRevision(
              SHARED, Compare.Relation.EQUAL, now.map(KeyValue::modRevision).orElse(0L)))
          .then(TxnOp.put(SHARED, Bytes.utf8(Long.toString(value + 1))))
          .commit();
      if (result.succeeded()) {
        increments.incrementAndGet();
      }
    }
  }

  /** Kills the store that leads the region of the shared key, and starts it again once another leads. */
  private static void strike(EmbeddedCluster cluster, int number) {
    int store = Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> leaderOfShared(cluster), Optional::isPresent)
        .orElseThrow();
    LOG.info("strike {}: store {}", number, store);
    cluster.killStore(store);
    Awaitility.await().atMost(PATIENCE).until(() -> leaderOfShared(cluster).isPresent());
    cluster.startStore(store);
    cluster.awaitReady(PATIENCE);
  }

  private static Optional<Integer> leaderOfShared(EmbeddedCluster cluster) {
    return IntStream.rangeClosed(1, 3)
        .boxed()
        .filter(store -> cluster.store(store).stream()
            .flatMap(node -> node.engine().led().stream())
            .anyMatch(region -> region.descriptor().range().contains(SHARED)))
        .findFirst();
  }
}
