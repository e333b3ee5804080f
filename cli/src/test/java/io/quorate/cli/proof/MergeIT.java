package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.LocalClusterHost;
import io.quorate.client.BlockingClient;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeResult;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.proto.RegionCheck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes: regions are split and merged back and forth while clients write and read, first in peace, then with stores killed
 * (-9) at any moment of it. Clients notice nothing but, of a kill, writes of unknown outcome.
 */
class MergeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int WRITERS = 4;
  private static final int KEYS = 200;
  private static final int MERGES_IN_PEACE = 12;
  private static final int KILLS = 3;

  @TempDir
  static Path directory;

  /** What each key holds for sure; written by its own writer alone. */
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  /** What may have been written since, of unknown outcome. */
  private final Map<String, Set<Long>> possible = new ConcurrentHashMap<>();

  private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong slowestNanos = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Set<RegionId> seen = new HashSet<>();
  private final Set<RegionId> merged = new HashSet<>();
  private final Random random = new Random(7);

  @Test
  void clientsNoticeNothingOfMergesAndSplitsAndLittleOfKills() throws Exception {
    LocalClusterHost cluster =
        LocalClusterHost.at(directory, 3, 1, FreeBase.port(), List.of("k050", "k100", "k150"));
    cluster.start();
    try (QuorateClient client = QuorateClient.connect(cluster.pdAddresses())) {
      ExecutorService loops = Executors.newFixedThreadPool(WRITERS + 1);
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        running.add(loops.submit(() -> write(client.blocking(), number)));
      }
      running.add(loops.submit(() -> readAll(client.blocking())));
      Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() == KEYS);

      reshapeUntil(client, MERGES_IN_PEACE);
      assertThat(errors).as("in peace").isEmpty();
      assertThat(unknown).as("in peace").hasValue(0);
      System.out.println("in peace: merges " + merged.size() + ", reads " + reads
          + ", slowest write " + slowestNanos.get() / 1_000_000 + " ms");
      replicasAreEqual(client);

      for (int kill = 0; kill < KILLS; kill++) {
        String victim = cluster.stores().get(kill % 3);
        order(client);
        cluster.kill(List.of(victim));
        for (int i = 0; i < 5; i++) {
          order(client);
          pause(200);
        }
        cluster.startMissing();
        reshapeUntil(client, merged.size() + 2);
      }
      over.set(true);
      for (Future<?> loop : running) {
        loop.get(60, TimeUnit.SECONDS);
      }
      loops.shutdown();
      System.out.println("merges " + merged.size() + ", unknown " + unknown + ", reads " + reads
          + ", slowest write " + slowestNanos.get() / 1_000_000 + " ms");

      assertThat(errors).isEmpty();
      everythingIsThere(client.blocking());
      replicasAreEqual(client);
    } finally {
      over.set(true);
      cluster.stop();
    }
  }

  /** Between two orders: nothing waits for it to be long enough. */
  private static void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void write(BlockingClient client, int writer) {
    for (long value = 1; !over.get(); value++) {
      for (int i = writer; i < KEYS && !over.get(); i += WRITERS) {
        String key = String.format("k%03d", i);
        long begun = System.nanoTime();
        try {
          client.put(Bytes.utf8(key), Bytes.utf8(Long.toString(value)));
          acknowledged.put(key, value);
          possible.remove(key);
        } catch (OutcomeUnknownException e) {
          unknown.incrementAndGet();
          possible.computeIfAbsent(key, one -> ConcurrentHashMap.newKeySet()).add(value);
        } catch (QuorateException e) {
          errors.add("put of " + key + ": " + e);
        }
        slowestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
      }
    }
  }

  /** What was acknowledged before a range began is in it, or something newer; and each key once, in order. */
  private void readAll(BlockingClient client) {
    while (!over.get()) {
      Map<String, Long> known = Map.copyOf(acknowledged);
      try {
        RangeResult all = client.range(KeyRange.ALL);
        List<String> found = all.kvs().stream().map(kv -> kv.key().toUtf8()).toList();
        if (found.stream().distinct().count() != found.size()
            || !found.equals(found.stream().sorted().toList())) {
          errors.add("not sorted, or twice: " + found);
        }
        Map<String, Long> values = new HashMap<>();
        all.kvs()
            .forEach(
                kv -> values.put(kv.key().toUtf8(), Long.parseLong(kv.value().toUtf8())));
        known.forEach((key, value) -> {
          if (values.getOrDefault(key, 0L) < value) {
            errors.add(key + " was " + value + " and reads as " + values.get(key));
          }
        });
        reads.incrementAndGet();
      } catch (QuorateException e) {
        errors.add("range: " + e);
      }
    }
  }

  private static List<Located> map(QuorateClient client) {
    return client.placement().lookup(KeyRange.ALL, 0).join().regions();
  }

  private void reshapeUntil(QuorateClient client, int merges) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (merged.size() < merges) {
      assertThat(System.nanoTime()).as("merged in time: %s", merged).isLessThan(deadline);
      order(client);
      pause(300);
    }
  }

  /** Looks at the map, which tiles; then orders a split or a merge, which may be refused. */
  private void order(QuorateClient client) {
    try {
      List<Located> regions = map(client);
      Bytes at = Bytes.EMPTY;
      Set<RegionId> now = new HashSet<>();
      for (Located region : regions) {
        if (!region.region().range().start().equals(at)) {
          errors.add("the map does not tile: " + regions);
        }
        at = region.region().range().end();
        now.add(region.region().id());
      }
      seen.stream().filter(id -> !now.contains(id)).forEach(merged::add);
      seen.addAll(now);
      if (regions.size() < 4 || (regions.size() < 8 && random.nextBoolean())) {
        Bytes key = Bytes.utf8(String.format("k%03d", 1 + random.nextInt(KEYS - 1)));
        client.placement().admin().split(List.of(key), false).join();
      } else {
        RegionId right =
            regions.get(1 + random.nextInt(regions.size() - 1)).region().id();
        client.placement().admin().merge(Optional.empty(), right).join();
      }
    } catch (CompletionException e) {
      // Refused: it is busy, or starts there already; another order comes.
      assertThat(e).hasCauseInstanceOf(PlacementException.class);
    }
  }

  private void everythingIsThere(BlockingClient client) {
    acknowledged.forEach((key, value) -> {
      long found =
          Long.parseLong(client.get(Bytes.utf8(key)).orElseThrow().value().toUtf8());
      Set<Long> also = possible.getOrDefault(key, Set.of());
      assertThat(found == value || also.contains(found))
          .as("%s is %s, was acknowledged as %s, perhaps %s", key, found, value, also)
          .isTrue();
    });
  }

  /** As 'region check --wait' has it. */
  private static void replicasAreEqual(QuorateClient client) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(() -> {
          Map<RegionId, RegionCheck> before = new HashMap<>();
          map(client)
              .forEach(region ->
                  region.check().ifPresent(check -> before.put(region.region().id(), check)));
          client.placement().admin().check(List.of(), 0).join();
          Awaitility.await()
              .atMost(Duration.ofSeconds(60))
              .untilAsserted(() -> assertThat(map(client)).allSatisfy(region -> {
                assertThat(region.check()).isPresent();
                assertThat(region.check().get())
                    .isNotEqualTo(before.get(region.region().id()));
                assertThat(region.down()).isEmpty();
                assertThat(region.pending()).isEmpty();
              }));
        });
  }
}
