package io.quorate.raft.host;

import static io.quorate.raft.host.Truncation.Step.CUT;
import static io.quorate.raft.host.Truncation.Step.HELD_BACK;
import static io.quorate.raft.host.Truncation.Step.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TruncationTest {
  @Test
  void shortLogIsLeftAlone() {
    assertThat(Truncation.decide(99, 100, 1, 50, 50)).isEqualTo(NOTHING);
  }

  @Test
  void longLogIsCutOnceEveryReplicaHasTheLastCut() {
    assertThat(Truncation.decide(100, 100, 10, 50, 10)).isEqualTo(CUT);
    assertThat(Truncation.decide(100, 100, 10, 50, 9)).isEqualTo(HELD_BACK);
  }

  @Test
  void cutAtTheSameIndexAgainWouldDropTheKeptInterval() {
    assertThat(Truncation.decide(100, 100, 50, 50, 50)).isEqualTo(NOTHING);
  }

  @Test
  void replicasThatAreSentTheirStateHoldNothingBack() {
    assertThat(Truncation.decide(100, 100, 10, 50, Long.MAX_VALUE)).isEqualTo(CUT);
  }
}
