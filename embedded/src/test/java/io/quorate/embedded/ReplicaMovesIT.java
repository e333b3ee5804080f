package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateException;
import io.quorate.client.placement.Located;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.StoreId;
import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import io.quorate.proto.ChangeStoreRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas move between stores while clients write: nobody sees an error, nothing is lost. */
class ReplicaMovesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir
  private Path directory;

  private EmbeddedCluster cluster() {
    Limits hasty = Limits.defaults()
        .with(Setting.MAX_STORE_DOWN_TIME, "4s")
        .with(Setting.STORE_LIMIT_ADD_PEER, "6000")
        .with(Setting.STORE_LIMIT_REMOVE_PEER, "6000");
    return EmbeddedCluster.builder()
        .stores(3)
        .splitKeys("b", "c", "d")
        .dataDir(directory)
        .configurePds(config -> config.withSchedules(hasty))
        .start();
  }

  @Test
  void drainedStoreEmptiesUnderWritesWithoutAnError() {
    try (EmbeddedCluster cluster = cluster();
        Writer writer = new Writer(cluster)) {
      cluster.startStore(4);
      cluster
          .client()
          .placement()
          .admin()
          .changeStore(new StoreId(1), ChangeStoreRequest.Change.DRAIN)
          .join();
      awaitOn(cluster, Set.of(2L, 3L, 4L));
      writer.stop();
      assertThat(writer.errors).isEmpty();
      assertThat(writer.written.get()).isPositive();
      writer.verify();
    }
  }

  @Test
  void wipedStoreIsReplacedByANewOneWhichGetsItsReplicasBySnapshot() throws IOException {
    try (EmbeddedCluster cluster = cluster();
        Writer writer = new Writer(cluster)) {
      Awaitility.await().atMost(PATIENCE).until(() -> writer.written.get() > 50);
      cluster.killStore(2);
      delete(directory.resolve("store-2"));
      // Elsewhere: PD keeps the address for the lost one until that is retired.
      cluster.startStore(4);
      assertThat(cluster.store(4).orElseThrow().identity().store()).isEqualTo(new StoreId(4));
      awaitOn(cluster, Set.of(1L, 3L, 4L));
      writer.stop();
      writer.verify();
    }
  }

  /** Until every region has its three voters on just these stores, and the stores hold no more. */
  private static void awaitOn(EmbeddedCluster cluster, Set<Long> stores) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(QuorateException.class)
        .untilAsserted(() -> {
          List<Located> regions =
              cluster.client().placement().lookup(KeyRange.ALL, 0).join().regions();
          assertThat(regions).hasSize(4);
          assertThat(regions).allSatisfy(region -> {
            assertThat(region.region().peers().stream()
                    .map(peer -> peer.store().value())
                    .collect(Collectors.toSet()))
                .isEqualTo(stores);
            assertThat(region.region().peers())
                .extracting(Peer::role)
                .containsOnly(io.quorate.model.PeerRole.VOTER);
          });
        });
  }

  private static void delete(Path tree) throws IOException {
    try (var files = Files.walk(tree)) {
      List<Path> all = files.collect(Collectors.toList());
      for (int i = all.size() - 1; i >= 0; i--) {
        Files.delete(all.get(i));
      }
    }
  }

  /** Writes one key after the other into all regions and remembers what was acknowledged. */
  private static final class Writer implements AutoCloseable {
    private final EmbeddedCluster cluster;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger written = new AtomicInteger();
    private final ConcurrentLinkedQueue<Bytes> acknowledged = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final CompletableFuture<Void> work;

    Writer(EmbeddedCluster cluster) {
      this.cluster = cluster;
      this.work = CompletableFuture.runAsync(this::run, thread);
    }

    private void run() {
      String[] regions = {"a", "b", "c", "d"};
      for (int i = 0; !stop.get(); i++) {
        Bytes key = Bytes.utf8(regions[i % regions.length] + "/" + i);
        try {
          cluster.client().blocking().put(key, key);
          acknowledged.add(key);
          written.incrementAndGet();
        } catch (QuorateException e) {
          errors.add(e.toString());
        }
      }
    }

    void stop() {
      stop.set(true);
      work.join();
    }

    void verify() {
      for (Bytes key : acknowledged) {
        assertThat(cluster.client().blocking().get(key).orElseThrow().value()).isEqualTo(key);
      }
    }

    @Override
    public void close() {
      stop();
      thread.shutdown();
    }
  }
}
