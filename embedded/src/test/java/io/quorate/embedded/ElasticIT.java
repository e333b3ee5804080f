package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateException;
import io.quorate.client.placement.Located;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import io.quorate.proto.ChangeStoreRequest;
import io.quorate.proto.StoreState;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.split.SplitLimits;
import io.quorate.region.storage.RegionSum;
import io.quorate.store.SplitConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reason the system exists, all parts together: one region grows and is cut by itself, a further store takes its share, a
 * drained one empties. Nobody's call fails, nothing is lost, and the replicas are equal after each step.
 */
class ElasticIT {
  private static final Logger LOG = LoggerFactory.getLogger(ElasticIT.class);
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int WRITERS = 8;
  private static final int VALUE_BYTES = 4 << 10;
  private static final int KEYS = 5_000;
  /** Parts come out at two thirds of the limit at least, before what is written meanwhile: 20 MB make no fewer. */
  private static final int REGIONS_LEAST = 12;

  private final Map<Bytes, Bytes> acknowledged = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();

  @Test
  void capacityGrowsByOneMoreStoreAndShrinksByADrainedOne() throws Exception {
    SplitConfig eager = new SplitConfig(
        new SplitLimits(1 << 20, 960_000, 1_000_000, 1L << 40),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        1_000_000,
        Duration.ofSeconds(10));
    Limits hasty = Limits.defaults()
        .with(Setting.STORE_LIMIT_ADD_PEER, "600")
        .with(Setting.STORE_LIMIT_REMOVE_PEER, "600")
        // A load of a few seconds is not to count as heat: that has a test of its own.
        .with(Setting.MIN_HOT_BYTE_RATE, "1GiB");
    long begun = System.nanoTime();
    try (EmbeddedCluster cluster = EmbeddedCluster.builder()
        .stores(3)
        .configureStores(config -> config.withSplit(eager))
        .configurePds(config -> config.withSchedules(hasty))
        .start()) {
      load(cluster);
      told("loaded", begun);
      awaitSplit(cluster);
      awaitLeadersSpread(cluster, List.of(1, 2, 3));
      told("split and leaders spread", begun);
      everythingIsThere(cluster, 3);
      replicasAreEqual(cluster);
      told("compared", begun);

      try (LightLoad light = new LightLoad(cluster.client().blocking())) {
        cluster.startStore(4);
        awaitReplicasEven(cluster, 4);
        awaitLeadersSpread(cluster, List.of(1, 2, 3, 4));
        told("the fourth store has its share", begun);
        light.stop();
        assertThat(light.writes.get()).isPositive();
      }
      assertThat(errors).isEmpty();
      everythingIsThere(cluster, 4);
      replicasAreEqual(cluster);
      told("compared", begun);

      try (LightLoad light = new LightLoad(cluster.client().blocking())) {
        drain(cluster, 2);
        told("the second store is empty and retired", begun);
        light.stop();
        assertThat(light.writes.get()).isPositive();
      }
      assertThat(errors).isEmpty();
      everythingIsThere(cluster, 4);
      replicasAreEqual(cluster);
      told("compared", begun);
    }
  }

  private static void told(String what, long begun) {
    LOG.info("{} after {} ms", what, (System.nanoTime() - begun) / 1_000_000);
  }

  private void load(EmbeddedCluster cluster) throws Exception {
    ExecutorService loops = Executors.newFixedThreadPool(WRITERS);
    List<Future<?>> running = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      int first = writer;
      running.add(loops.submit(() -> {
        for (int i = first; i < KEYS; i += WRITERS) {
          put(cluster.client().blocking(), i, "load", VALUE_BYTES);
        }
      }));
    }
    for (Future<?> loop : running) {
      loop.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    loops.shutdown();
    assertThat(errors).isEmpty();
    assertThat(acknowledged).hasSize(KEYS);
  }

  /** One put of a key spread over the keyspace; remembers what came of it. */
  private void put(BlockingClient client, int number, String why, int bytes) {
    Bytes key = Bytes.utf8(String.format("k%05d", (number * 3_571) % KEYS));
    Bytes value = Bytes.utf8((why + number + "-").repeat(bytes).substring(0, bytes));
    try {
      client.put(key, value);
      acknowledged.put(key, value);
    } catch (QuorateException e) {
      errors.add(e.toString());
    }
  }

  private static ConditionFactory patiently() {
    return Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100));
  }

  private static List<Located> map(EmbeddedCluster cluster) {
    return cluster.client().placement().lookup(KeyRange.ALL, 0).join().regions();
  }

  private static void awaitSplit(EmbeddedCluster cluster) {
    patiently().untilAsserted(() -> {
      List<Located> regions = map(cluster);
      assertThat(regions).hasSizeGreaterThanOrEqualTo(REGIONS_LEAST);
      assertThat(regions).allSatisfy(region -> assertThat(region.leader()).isPresent());
      assertThat(
              engines(cluster).stream().mapToInt(engine -> engine.led().size()).sum())
          .isEqualTo(regions.size());
    });
  }

  /** None of the stores leads three more than another, as PD has it by default. */
  private static void awaitLeadersSpread(EmbeddedCluster cluster, List<Integer> stores) {
    patiently().untilAsserted(() -> {
      List<Integer> leaders = stores.stream()
          .map(store -> cluster.store(store).orElseThrow().engine().led().size())
          .toList();
      int most = leaders.stream().mapToInt(each -> each).max().orElseThrow();
      int fewest = leaders.stream().mapToInt(each -> each).min().orElseThrow();
      assertThat(fewest).as("leaders %s", leaders).isPositive();
      assertThat(most - fewest).as("leaders %s", leaders).isLessThanOrEqualTo(3);
    });
  }

  /** The new store holds its share, within a quarter: sizes are what counts, and those are near to equal here. */
  private static void awaitReplicasEven(EmbeddedCluster cluster, int added) {
    patiently().untilAsserted(() -> {
      List<Located> regions = map(cluster);
      Map<Long, Integer> held = new HashMap<>();
      for (Located region : regions) {
        assertThat(region.region().peers()).extracting(Peer::role).containsOnly(PeerRole.VOTER);
        assertThat(region.region().peers()).hasSize(3);
        region.region().peers().forEach(peer -> held.merge(peer.store().value(), 1, Integer::sum));
      }
      int share = 3 * regions.size() / 4;
      assertThat(held.getOrDefault((long) added, 0))
          .as("replicas by store %s of %s regions", held, regions.size())
          .isGreaterThanOrEqualTo(share * 3 / 4);
    });
  }

  private static void drain(EmbeddedCluster cluster, long store) {
    cluster
        .client()
        .placement()
        .admin()
        .changeStore(new StoreId(store), ChangeStoreRequest.Change.DRAIN)
        .join();
    patiently().untilAsserted(() -> {
      assertThat(map(cluster)).allSatisfy(region -> {
        assertThat(region.region().peerOn(new StoreId(store))).isEmpty();
        assertThat(region.region().peers()).hasSize(3);
      });
      assertThat(cluster.store((int) store).orElseThrow().engine().regions()).isEmpty();
      assertThat(cluster.client().placement().listStores().join())
          .filteredOn(each -> each.getStore().getStoreId() == store)
          .allSatisfy(each -> assertThat(each.getStore().getState()).isEqualTo(StoreState.RETIRED));
    });
  }

  private static List<StoreEngine> engines(EmbeddedCluster cluster) {
    return IntStream.rangeClosed(1, 4)
        .mapToObj(cluster::store)
        .flatMap(Optional::stream)
        .map(store -> store.engine())
        .toList();
  }

  private void everythingIsThere(EmbeddedCluster cluster, int stores) {
    List<RegionDescriptor> regions = map(cluster).stream().map(Located::region).toList();
    Bytes at = Bytes.EMPTY;
    for (RegionDescriptor region : regions) {
      assertThat(region.range().start()).isEqualTo(at);
      at = region.range().end();
    }
    assertThat(at).isEqualTo(Bytes.EMPTY);
    Map<Bytes, Bytes> found = new HashMap<>();
    // In pieces: all of it would be too much for one answer.
    for (RegionDescriptor region : regions) {
      cluster
          .client()
          .blocking()
          .range(region.range())
          .kvs()
          .forEach(each -> found.put(each.key(), each.value()));
    }
    assertThat(found.keySet()).isEqualTo(acknowledged.keySet());
    acknowledged.forEach((key, value) ->
        assertThat(value.equals(found.get(key))).as("value of %s", key.toUtf8()).isTrue());
    LOG.info("{} keys in {} regions on {} stores", found.size(), regions.size(), stores);
  }

  /** Every region's replicas have the same sum as of one entry; one that moves meanwhile is compared again. */
  private static void replicasAreEqual(EmbeddedCluster cluster) {
    for (Located region : map(cluster)) {
      patiently()
          .ignoreExceptionsMatching(failure ->
              failure instanceof ExecutionException || failure instanceof ConditionTimeoutException)
          .untilAsserted(() -> replicasAreEqual(cluster, region));
    }
    engines(cluster).stream()
        .flatMap(engine -> engine.regions().stream())
        .forEach(replica -> assertThat(replica.failure()).isEmpty());
  }

  private static void replicasAreEqual(EmbeddedCluster cluster, Located region) throws Exception {
    RegionHost leader = engines(cluster).stream()
        .flatMap(engine -> engine.region(region.region().id()).stream())
        .filter(RegionHost::leading)
        .findFirst()
        .orElseThrow(() -> new AssertionError("nobody leads " + region));
    RegionSum.Sum sum = leader.check(0).get(60, TimeUnit.SECONDS);
    List<Peer> peers = leader.descriptor().peers();
    assertThat(peers).hasSize(3);
    for (Peer peer : peers) {
      RegionHost replica = cluster
          .store((int) peer.store().value())
          .flatMap(store -> store.engine().region(region.region().id()))
          .orElseThrow(() -> new AssertionError(peer + " is not there"));
      Awaitility.await()
          // Not for long: where the leader has changed meanwhile all is asked anew.
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> replica.lastCheck().filter(check -> check.agrees(sum)).isPresent());
    }
  }

  /** One small write after the other, all over the keyspace: moves are what is looked at. */
  private final class LightLoad implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger writes = new AtomicInteger();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<?> work;

    LightLoad(BlockingClient client) {
      work = thread.submit(() -> {
        while (!over.get()) {
          put(client, writes.getAndIncrement(), "light", 64);
        }
      });
    }

    void stop() throws InterruptedException, ExecutionException {
      over.set(true);
      work.get();
    }

    @Override
    public void close() {
      over.set(true);
      thread.shutdown();
    }
  }
}
