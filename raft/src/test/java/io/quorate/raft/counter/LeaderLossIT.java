package io.quorate.raft.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is gone is known by its closed connections, long before an election timeout. */
class LeaderLossIT {
  private static final List<Long> EVERYWHERE = List.of(1L, 2L, 3L);
  private static final List<Long> GROUPS = LongStream.rangeClosed(1, 20).boxed().toList();
  private static final Duration ELECTION = Duration.ofSeconds(20);

  @TempDir
  Path directory;

  @Test
  void killedStoresGroupsAreLedByOthersAtOnce() {
    try (CounterCluster cluster = new CounterCluster(
        directory,
        3,
        config -> config.withTimeouts(ELECTION, Duration.ofSeconds(1), Duration.ofMillis(200)))) {
      GROUPS.forEach(group -> cluster.create(group, EVERYWHERE));
      await()
          .atMost(ELECTION)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> GROUPS.stream().filter(group -> !ledByFirst(cluster, group)).count() == 0);
      // Heartbeats have told the others whom they follow.
      GROUPS.forEach(group -> cluster.add(group, "n", 1));
      await()
          .atMost(ELECTION)
          .until(() -> List.of(2L, 3L).stream()
              .allMatch(store -> GROUPS.stream()
                  .allMatch(group ->
                      cluster.store(store).log(group).leadership().leader().isPresent())));
      cluster.kill(1);
      await()
          .atMost(ELECTION.dividedBy(2))
          .until(
              () -> GROUPS.stream().allMatch(group -> cluster.leaderNow(group).isPresent()));
      GROUPS.forEach(group -> assertThat(cluster.add(group, "n", 1)).isEqualTo(2));
    }
  }

  private static boolean ledByFirst(CounterCluster cluster, long group) {
    CounterStore leader = cluster.leader(group);
    if (leader.id() != 1) {
      // Refused while another is under way; the next look tries again.
      leader
          .log(group)
          .transferLeadership(CounterCluster.replica(1, group))
          .exceptionally(refused -> null)
          .join();
    }
    return leader.id() == 1;
  }
}
