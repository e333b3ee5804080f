package io.quorate.placement.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.placement.history.Barrier;
import org.junit.jupiter.api.Test;

class HistoryRulesTest {
  private static final ClusterImage AT_100 =
      ClusterImage.EMPTY.with(new ExtendRevisions(100)).image();

  private static Barrier barrier(String name, long revision) {
    return new Barrier(name, "test", revision, 5_000, 0, 0);
  }

  private static Ruling.Reason reason(Replayed replayed) {
    return ((Ruling.Refused) replayed.ruling()).reason();
  }

  @Test
  void compactMovesForwardOnly() {
    ClusterImage at50 = AT_100.with(new Compact(50, 1)).image();
    assertThat(at50.marks().compacted()).isEqualTo(50);

    for (long revision : new long[] {-1, 0, 49, 50}) {
      Replayed again = at50.with(new Compact(revision, 2));
      assertThat(reason(again)).isEqualTo(Ruling.Reason.COMPACTED);
      assertThat(again.image()).isEqualTo(at50);
    }
    assertThat(((Ruling.Refused) at50.with(new Compact(50, 2)).ruling()).message())
        .isEqualTo("etcdserver: mvcc: required revision has been compacted");
    assertThat(at50.with(new Compact(51, 2)).image().marks().compacted()).isEqualTo(51);
  }

  @Test
  void theSameRequestRepeatedIsAnsweredAsTheFirstWas() {
    ClusterImage at50 = AT_100.with(new Compact(50, 7)).image();
    assertThat(at50.with(new Compact(50, 7)).ruling()).isEqualTo(new Ruling.Given(50));
    assertThat(reason(at50.with(new Compact(50, 0)))).isEqualTo(Ruling.Reason.COMPACTED);
  }

  @Test
  void nothingIsCompactedThatCannotHaveBeenHandedOut() {
    assertThat(reason(AT_100.with(new Compact(102, 1)))).isEqualTo(Ruling.Reason.FUTURE_REVISION);
    assertThat(AT_100.with(new Compact(101, 1)).image().marks().compacted()).isEqualTo(101);
  }

  @Test
  void theFloorStandsAtTheLowestBarrierAndNeverGoesBack() {
    ClusterImage held = AT_100
        .with(new Compact(10, 1))
        .image()
        .with(new HoldBarrier(barrier("low", 20)))
        .image()
        .with(new HoldBarrier(barrier("high", 40)))
        .image();
    assertThat(held.floor()).isEqualTo(10);
    ClusterImage compacted = held.with(new Compact(60, 2)).image();
    assertThat(compacted.floor()).isEqualTo(20);
    ClusterImage released =
        compacted.with(new DropBarrier("low", DropBarrier.RELEASED)).image();
    assertThat(released.floor()).isEqualTo(40);

    assertThat(reason(released.with(new HoldBarrier(barrier("late", 59)))))
        .as("what lies below the compacted revision may be gone")
        .isEqualTo(Ruling.Reason.COMPACTED);
    assertThat(released.with(new HoldBarrier(barrier("late", 60))).image().floor())
        .isEqualTo(40);
  }

  @Test
  void aRenewedBarrierOutlivesTheEndOfItsFormerTime() {
    ClusterImage held = AT_100.with(new HoldBarrier(barrier("b", 20))).image();
    ClusterImage renewed = held.with(new RenewBarrier("b")).image();
    assertThat(reason(renewed.with(new DropBarrier("b", 0)))).isEqualTo(Ruling.Reason.STALE);
    assertThat(renewed.with(new DropBarrier("b", 1)).image().history().barriers())
        .isEmpty();
    assertThat(reason(held.with(new RenewBarrier("other")))).isEqualTo(Ruling.Reason.STALE);
  }

  @Test
  void barriersAreBounded() {
    ClusterImage image = AT_100;
    for (int i = 0; i < Barrier.MAX_BARRIERS; i++) {
      image = image.with(new HoldBarrier(barrier("b" + i, 20))).image();
    }
    assertThat(reason(image.with(new HoldBarrier(barrier("one more", 20)))))
        .isEqualTo(Ruling.Reason.INVALID);
    assertThat(image.with(new HoldBarrier(barrier("b7", 20))).ruling())
        .as("a repeat")
        .isEqualTo(new Ruling.Given(20));
    Barrier foreign = new Barrier("b7", "another", 20, 5_000, 0, 0);
    assertThat(reason(image.with(new HoldBarrier(foreign)))).isEqualTo(Ruling.Reason.INVALID);
    Barrier endless = new Barrier("e", "test", 20, 99_000_000_000L, 0, 0);
    assertThat(reason(AT_100.with(new HoldBarrier(endless)))).isEqualTo(Ruling.Reason.INVALID);
  }
}
