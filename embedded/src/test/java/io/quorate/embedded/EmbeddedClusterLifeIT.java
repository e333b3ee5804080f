package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import io.quorate.embedded.junit.WithQuorate;
import io.quorate.model.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beginnings and ends of embedded clusters. */
class EmbeddedClusterLifeIT {
  private static final Bytes KEY = Bytes.utf8("k");

  @TempDir
  private Path directory;

  @Test
  void keptDataIsThereAfterARestart() {
    long revision;
    try (EmbeddedCluster cluster =
        EmbeddedCluster.builder().stores(1).dataDir(directory).start()) {
      revision = cluster.client().blocking().put(KEY, Bytes.utf8("kept")).revision();
    }
    try (EmbeddedCluster cluster =
        EmbeddedCluster.builder().stores(1).dataDir(directory).start()) {
      assertThat(cluster.client().blocking().get(KEY).orElseThrow().value().toUtf8())
          .isEqualTo("kept");
      assertThat(cluster.client().blocking().put(KEY, Bytes.utf8("again")).revision())
          .isGreaterThan(revision);
    }
  }

  @Test
  void storeThatJoinsLaterNeedsOnlyTheAddressOfPd() {
    try (EmbeddedCluster cluster = EmbeddedCluster.builder().stores(1).start()) {
      cluster.startStore(2);
      assertThat(cluster.client().placement().listStores().join()).hasSize(2);
    }
  }

  @Test
  void threePlacementDriversOutliveTheirLeader() {
    try (EmbeddedCluster cluster = EmbeddedCluster.builder().stores(1).pds(3).start()) {
      long before = cluster.client().blocking().put(KEY, Bytes.utf8("1")).revision();
      int leader = Math.toIntExact(cluster.client().placement().members().join().getLeaderId());
      cluster.stopPd(leader);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> cluster.client().blocking().put(KEY, Bytes.utf8("2")).revision() > before);
    }
  }

  @Test
  void closedClusterLeavesNoThreadBehind() {
    EmbeddedCluster.builder().stores(1).start().close();
    Set<Long> before =
        Thread.getAllStackTraces().keySet().stream().map(Thread::getId).collect(Collectors.toSet());
    EmbeddedCluster.builder().stores(2).start().close();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
            .filteredOn(thread -> !before.contains(thread.getId()))
            .extracting(Thread::getName)
            .allMatch(EmbeddedClusterLifeIT::sharedByTheWholeProcess));
  }

  /** Pools that are made once per JVM, by netty, raft and the JDK, and do not grow with clusters. */
  private static boolean sharedByTheWholeProcess(String thread) {
    return thread.startsWith("grpc-")
        || thread.startsWith("ForkJoinPool")
        || thread.startsWith("raft-log-")
        || thread.startsWith("raft-compute-")
        || thread.startsWith("raft-callback-")
        || thread.startsWith("awaitility-")
        || thread.startsWith("CompletableFutureDelayScheduler");
  }

  @Nested
  @WithQuorate(splitKeys = "m")
  class Extension {
    @Test
    void testsGetAClusterAndAClient(EmbeddedCluster cluster, QuorateClient client) {
      assertThat(client).isSameAs(cluster.client());
      assertThat(client.put(KEY, Bytes.EMPTY).join().revision()).isPositive();
    }
  }
}
