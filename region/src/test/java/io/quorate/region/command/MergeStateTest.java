package io.quorate.region.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a region remembers of those that ended in it. */
final class MergeStateTest {
  private static final RegionId LEFT = new RegionId(7);
  private static final RegionId RIGHT = new RegionId(8);

  private static RegionDescriptor region(long id) {
    return new RegionDescriptor(
        new RegionId(id),
        KeyRange.of(Bytes.utf8("a"), Bytes.utf8("b")),
        RegionEpoch.FIRST,
        List.of(Peer.voter(1, id + 100)));
  }

  @Test
  void theHeirOfALeftRegionKnowsWhichOfItsMergesWereAborted() {
    MergeState left = MergeState.NONE
        .begun(new MergeState.Pending(5, RegionEpoch.FIRST, region(RIGHT.value())))
        .aborted(5);
    assertThat(left.hasEndedWithout(LEFT, RIGHT)).as("by itself").isFalse();
    MergeState heir = MergeState.NONE.committed(9, region(LEFT.value()), left);
    assertThat(heir.hasEndedWithout(LEFT, RIGHT)).isTrue();
    assertThat(heir.hasEndedWithout(RIGHT, LEFT)).as("nothing of it is known").isFalse();
  }

  @Test
  void andWhichWereCommitted() {
    MergeState left = MergeState.NONE.committed(5, region(RIGHT.value()), MergeState.NONE);
    MergeState heir = MergeState.NONE.committed(9, region(LEFT.value()), left);
    assertThat(heir.hasEndedWithout(LEFT, RIGHT)).isFalse();
  }

  @Test
  void whatMayHaveBeenForgottenIsNotTold() {
    MergeState heir = MergeState.NONE;
    for (int i = 0; i < MergeState.MAX_ENDED - 1; i++) {
      heir = heir.committed(i, region(1000 + i), MergeState.NONE);
    }
    assertThat(heir.hasEndedWithout(new RegionId(1000), RIGHT)).isTrue();
    heir = heir.committed(900, region(LEFT.value()), MergeState.NONE);
    assertThat(heir.hasEndedWithout(LEFT, RIGHT)).isFalse();
  }

  @Test
  void anEndIsRememberedOnce() {
    MergeState one = MergeState.NONE.committed(1, region(LEFT.value()), MergeState.NONE);
    MergeState both = one.committed(2, region(9), one);
    assertThat(both.ended())
        .extracting(MergeState.Ended::region)
        .containsExactly(LEFT, new RegionId(9));
  }
}
