package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicaProgress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicaHealthTest {
  private static final MoveLimits LIMITS = new MoveLimits(
      10, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(400), 16, 3);

  @Test
  void replicaThatAnswersAndIsNearIsFine() {
    assertThat(judge(new ReplicaProgress(new ReplicaId(2, 5), 90, 999)))
        .isEqualTo(ReplicaHealth.GOOD);
  }

  @Test
  void replicaFurtherBehindThanTheMarginIsPending() {
    assertThat(judge(new ReplicaProgress(new ReplicaId(2, 5), 89, 0)).pending())
        .containsExactly(5L);
  }

  @Test
  void replicaThatHasProvedNothingIsPendingHoweverShortTheLog() {
    assertThat(ReplicaHealth.judge(
                List.of(new ReplicaProgress(new ReplicaId(2, 5), -1, 0)), 0, LIMITS)
            .pending())
        .containsExactly(5L);
  }

  @Test
  void silentReplicaIsDown() {
    ReplicaHealth health = judge(new ReplicaProgress(new ReplicaId(2, 5), 100, 1000));
    assertThat(health.down()).containsExactly(5L);
    assertThat(health.pending()).isEmpty();
  }

  private static ReplicaHealth judge(ReplicaProgress other) {
    return ReplicaHealth.judge(List.of(other), 100, LIMITS);
  }
}
