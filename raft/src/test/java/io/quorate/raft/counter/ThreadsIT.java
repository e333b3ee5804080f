package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups cost no threads, and hosts leave none behind. */
class ThreadsIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);

  @TempDir
  Path directory;

  @Test
  void hundredGroupsRunOnAsManyThreadsAsTen() {
    Map<String, Integer> few = threadsWith(10, directory.resolve("few"));
    Map<String, Integer> many = threadsWith(100, directory.resolve("many"));
    assertThat(many).isEqualTo(few);
  }

  @Test
  void closedHostsLeaveNoThreadOfTheirs() {
    try (CounterCluster cluster = new CounterCluster(directory, 3, UnaryOperator.identity())) {
      LongStream.rangeClosed(1, 20).forEach(group -> cluster.create(group, EVERYWHERE));
      LongStream.rangeClosed(1, 20).forEach(group -> cluster.add(group, "n", 1));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(ofHosts().keySet())
            .filteredOn(name -> name.startsWith("raft-")
                && !name.startsWith("raft-compute-")
                && !name.startsWith("raft-log-#")
                && !name.startsWith("raft-callback-"))
            .isEmpty());
  }

  private static Map<String, Integer> threadsWith(long groups, Path where) {
    try (CounterCluster cluster = new CounterCluster(where, 3, UnaryOperator.identity())) {
      LongStream.rangeClosed(1, groups).forEach(group -> cluster.create(group, EVERYWHERE));
      LongStream.rangeClosed(1, groups).forEach(group -> cluster.add(group, "n", 1));
      Map<String, Integer> threads = ofHosts();
      assertThat(threads.keySet())
          .noneMatch(name -> name.contains("JRaft") || name.contains("ReadOnlyService"));
      // Pools of a fixed size, whose threads come and go.
      threads
          .keySet()
          .removeIf(name -> name.startsWith("raft-compute-")
              || name.startsWith("raft-log-#")
              || name.startsWith("raft-callback-")
              || name.startsWith("raft-election-")
              || name.startsWith("raft-install-"));
      return threads;
    }
  }

  private static Map<String, Integer> ofHosts() {
    Map<String, Integer> counts = new TreeMap<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName().replaceAll("[0-9]+", "#");
      if (name.startsWith("raft") || name.contains("JRaft") || name.contains("ReadOnly")) {
        counts.merge(name, 1, Integer::sum);
      }
    }
    return counts;
  }
}
