package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessionTest {
  private static final ReplicaId ONE = new ReplicaId(1, 11);
  private static final ReplicaId TWO = new ReplicaId(2, 12);
  private static final ReplicaId THREE = new ReplicaId(3, 13);
  private static final List<ReplicaId> VOTERS = List.of(THREE, ONE, TWO);

  @Test
  void survivorsTakeTurns() {
    assertThat(delay(4, TWO)).isEqualTo(5);
    assertThat(delay(4, THREE)).isEqualTo(Succession.TURN_MILLIS + 5);
  }

  @Test
  void otherGroupsBeginWithOthers() {
    assertThat(delay(5, TWO)).isEqualTo(Succession.TURN_MILLIS + 5);
    assertThat(delay(5, THREE)).isEqualTo(5);
  }

  @Test
  void learnersAndTheLostStoreDoNotCampaign() {
    assertThat(Succession.delayMillis(new GroupId(4), VOTERS, 1, new ReplicaId(4, 14), 0))
        .isEmpty();
    assertThat(Succession.delayMillis(new GroupId(4), VOTERS, 1, ONE, 0)).isEmpty();
  }

  private static long delay(long group, ReplicaId self) {
    return Succession.delayMillis(new GroupId(group), VOTERS, 1, self, 5).orElseThrow();
  }
}
