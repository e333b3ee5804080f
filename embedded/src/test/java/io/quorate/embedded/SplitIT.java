package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.BlockingClient;
import io.quorate.client.RangeResult;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.storage.RegionSum;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
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

/** One region that is cut again and again under writers and readers, who notice nothing; then its replicas are compared. */
class SplitIT {
  private static final Logger LOG = LoggerFactory.getLogger(SplitIT.class);
  private static final int WRITERS = 4;
  private static final int SPLITS = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Map<String, String> acknowledged = new ConcurrentSkipListMap<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong slowestNanos = new AtomicLong();

  @Test
  void clientsNoticeNothingOfTwentySplits() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.builder().stores(3).start()) {
      BlockingClient client = cluster.client().blocking();
      ExecutorService loops = Executors.newFixedThreadPool(WRITERS + 1);
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        running.add(loops.submit(() -> write(client, number)));
      }
      running.add(loops.submit(() -> readAll(client)));
      Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() > 400);

      List<Long> leaderMillis = new ArrayList<>();
      for (int i = 0; i < SPLITS; i++) {
        leaderMillis.add(splitLargest(cluster));
      }
      long before = writes.get();
      Awaitility.await().atMost(PATIENCE).until(() -> writes.get() > before + 400);
      over.set(true);
      for (Future<?> loop : running) {
        loop.get(60, TimeUnit.SECONDS);
      }
      loops.shutdown();

      LOG.info(
          "{} splits; millis to the new leader {}; slowest write {} ms",
          SPLITS,
          leaderMillis,
          slowestNanos.get() / 1_000_000);
      // A child is campaigned for at once: nobody waits for an election timeout, which is a second.
      assertThat(leaderMillis.stream().sorted().toList().get(SPLITS / 2)).isLessThan(1000);
      acknowledged.forEach((key, value) ->
          assertThat(client.get(Bytes.utf8(key)).orElseThrow().value().toUtf8()).isEqualTo(value));
      rangesTile(cluster);
      replicasAreEqual(cluster);
    }
  }

  private void write(BlockingClient client, int writer) {
    for (int i = 0; !over.get(); i++) {
      // Spread over the keyspace, and overwritten now and then.
      String key = String.format("k%03d/%d", (i * 37) % 500, writer);
      long begun = System.nanoTime();
      client.put(Bytes.utf8(key), Bytes.utf8("v" + i));
      slowestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
      acknowledged.put(key, "v" + i);
      writes.incrementAndGet();
    }
  }

  /** What was acknowledged before a range began is in it, whatever is cut meanwhile; and each key once, in order. */
  private void readAll(BlockingClient client) {
    while (!over.get()) {
      List<String> known = List.copyOf(acknowledged.keySet());
      RangeResult all = client.range(KeyRange.ALL);
      List<String> found = all.kvs().stream().map(kv -> kv.key().toUtf8()).toList();
      assertThat(found).isSorted().doesNotHaveDuplicates().containsAll(known);
    }
  }

  private static List<StoreEngine> engines(EmbeddedCluster cluster) {
    return IntStream.rangeClosed(1, 3)
        .mapToObj(store -> cluster.store(store).orElseThrow().engine())
        .toList();
  }

  private static List<RegionHost> leaders(EmbeddedCluster cluster) {
    return new Disturbance(cluster).leaders();
  }

  /** Cuts the region with the most keys in its middle; how long until the new region was led. */
  private long splitLargest(EmbeddedCluster cluster) {
    KeyRange largest = leaders(cluster).stream()
        .map(RegionHost::descriptor)
        .max(Comparator.comparingLong(this::keysIn))
        .orElseThrow()
        .range();
    List<Bytes> keys = acknowledged.keySet().stream()
        .map(Bytes::utf8)
        .filter(largest::contains)
        .toList();
    Bytes middle = keys.get(keys.size() / 2);
    long begun = System.nanoTime();
    new Disturbance(cluster).split(middle);
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .atMost(PATIENCE)
        .until(() -> leaders(cluster).stream()
            .anyMatch(region -> region.descriptor().range().end().equals(middle)));
    return (System.nanoTime() - begun) / 1_000_000;
  }

  private long keysIn(RegionDescriptor region) {
    return acknowledged.keySet().stream()
        .filter(key -> region.range().contains(Bytes.utf8(key)))
        .count();
  }

  private static void rangesTile(EmbeddedCluster cluster) {
    for (StoreEngine engine : engines(cluster)) {
      Awaitility.await().atMost(PATIENCE).until(() -> engine.regions().size() == SPLITS + 1);
      Bytes at = Bytes.EMPTY;
      List<RegionDescriptor> regions = engine.regions().stream()
          .map(RegionHost::descriptor)
          .sorted(Comparator.comparing(region -> region.range().start()))
          .toList();
      for (RegionDescriptor region : regions) {
        assertThat(region.range().start()).isEqualTo(at);
        at = region.range().end();
      }
      assertThat(at).isEqualTo(Bytes.EMPTY);
    }
  }

  private static void replicasAreEqual(EmbeddedCluster cluster) {
    long versions = 0;
    for (RegionHost one : engines(cluster).get(0).regions()) {
      RegionSum.Sum sum = new Disturbance(cluster).sum(one.descriptor().range().start());
      versions += sum.count();
      RegionId id = one.descriptor().id();
      for (StoreEngine engine : engines(cluster)) {
        RegionHost replica = engine.region(id).orElseThrow();
        Awaitility.await()
            .atMost(PATIENCE)
            .until(() -> replica.lastCheck().filter(check -> check.agrees(sum)).isPresent());
        assertThat(replica.failure()).isEmpty();
      }
    }
    assertThat(versions).isGreaterThan(800);
  }
}
