package io.quorate.placement.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.RegionId;
import org.junit.jupiter.api.Test;

/** Which ids a region's new replicas may get. */
class ReplicaIdsTest {
  private final ReplicaIds ids = new ReplicaIds();

  @Test
  void nothingIsGivenBeforeABlockIsThere() {
    assertThat(ids.isLow(new RegionId(7), 1)).isTrue();
    assertThat(ids.suffices(new RegionId(7), 1)).isFalse();
    assertThatThrownBy(ids::take).isInstanceOf(IllegalStateException.class);
    // Who wants none needs none.
    assertThat(ids.suffices(new RegionId(7), 0)).isTrue();
  }

  @Test
  void blockIsGivenInOrderAndToItsEnd() {
    ids.give(1_020, 1_000);
    RegionId old = new RegionId(7);
    assertThat(ids.isLow(old, 1)).isFalse();
    for (long expected = 21; expected <= 1_020; expected++) {
      assertThat(ids.suffices(old, 1)).isTrue();
      assertThat(ids.take()).isEqualTo(expected);
    }
    assertThat(ids.suffices(old, 1)).isFalse();
    assertThat(ids.isLow(old, 1)).isTrue();
  }

  /**
   * A region that is born after the block was taken has replicas with greater ids than are left in it. Were its next replica given
   * a smaller one, the store that one of the first has left would take the new one for that, and never let it in.
   */
  @Test
  void regionBornAfterTheBlockNeedsALaterOne() {
    ids.give(1_020, 1_000);
    RegionId born = new RegionId(1_021);
    assertThat(ids.suffices(born, 1)).isFalse();
    assertThat(ids.isLow(born, 1)).isTrue();
    assertThat(ids.suffices(new RegionId(7), 1)).isTrue();
    // 1021 to 1024 are the region and its first replicas.
    ids.give(2_024, 1_000);
    assertThat(ids.suffices(born, 1)).isTrue();
    assertThat(ids.take()).isEqualTo(1_025);
  }

  @Test
  void nextLeaderBeginsWithNone() {
    ids.give(1_020, 1_000);
    ids.forget();
    assertThat(ids.suffices(new RegionId(7), 1)).isFalse();
  }
}
