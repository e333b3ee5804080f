package io.quorate.raft.host;

import static io.quorate.raft.host.Truncation.Step.CUT;
import static io.quorate.raft.host.Truncation.Step.HELD_BACK;
import static io.quorate.raft.host.Truncation.Step.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TruncationTest {
  private static final Truncation.Limits LIMITS = new Truncation.Limits(100, 1000);

  @Test
  void shortLogIsLeftAlone() {
    assertThat(decide(99, 1, 50, 50)).isEqualTo(NOTHING);
  }

  @Test
  void longLogIsCutOnceEveryReplicaHasTheLastCut() {
    assertThat(decide(100, 10, 50, 10)).isEqualTo(CUT);
    assertThat(decide(100, 10, 50, 9)).isEqualTo(HELD_BACK);
  }

  @Test
  void cutAtTheSameIndexAgainWouldDropTheKeptInterval() {
    assertThat(decide(100, 50, 50, 50)).isEqualTo(NOTHING);
  }

  @Test
  void replicasThatAreSentTheirStateHoldNothingBack() {
    assertThat(decide(100, 10, 50, Long.MAX_VALUE)).isEqualTo(CUT);
  }

  @Test
  void slowReplicaIsWaitedForUpToTheLimitAndNotBeyond() {
    assertThat(decide(999, 10, 50, 9)).isEqualTo(HELD_BACK);
    assertThat(decide(1000, 10, 50, 9)).isEqualTo(CUT);
  }

  @Test
  void whatFollowsASnapshotOnItsWayIsKeptHoweverLong() {
    assertThat(Truncation.decide(5000, LIMITS, 10, 50, 50, 10)).isEqualTo(HELD_BACK);
    assertThat(Truncation.decide(5000, LIMITS, 10, 50, 50, 11)).isEqualTo(CUT);
  }

  private static Truncation.Step decide(long grown, long lastCut, long applied, long bound) {
    return Truncation.decide(grown, LIMITS, lastCut, applied, bound, Long.MAX_VALUE);
  }
}
