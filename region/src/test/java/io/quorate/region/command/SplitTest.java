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

final class SplitTest {
  private static final RegionDescriptor REGION = new RegionDescriptor(
      new RegionId(7),
      KeyRange.of(Bytes.utf8("b"), Bytes.utf8("x")),
      new RegionEpoch(3, 2),
      List.of(Peer.voter(1, 71), Peer.voter(2, 72)));

  private static Split.Cut cut(String end, long id) {
    return new Split.Cut(Bytes.utf8(end), new RegionId(id), List.of(id * 10 + 1, id * 10 + 2));
  }

  private static Split split(Split.Cut... cuts) {
    return new Split(REGION.epoch(), List.of(cuts));
  }

  @Test
  void theLastPartKeepsTheIdAndAllGetTheSameNewVersion() {
    Outcome.Split done = (Outcome.Split) split(cut("f", 8), cut("m", 9)).judge(REGION);

    RegionEpoch epoch = new RegionEpoch(5, 2);
    assertThat(done.children())
        .containsExactly(
            new RegionDescriptor(
                new RegionId(8),
                KeyRange.of(Bytes.utf8("b"), Bytes.utf8("f")),
                epoch,
                List.of(Peer.voter(1, 81), Peer.voter(2, 82))),
            new RegionDescriptor(
                new RegionId(9),
                KeyRange.of(Bytes.utf8("f"), Bytes.utf8("m")),
                epoch,
                List.of(Peer.voter(1, 91), Peer.voter(2, 92))));
    assertThat(done.parent())
        .isEqualTo(new RegionDescriptor(
            REGION.id(), KeyRange.of(Bytes.utf8("m"), Bytes.utf8("x")), epoch, REGION.peers()));
  }

  @Test
  void anotherEpochIsRefusedWithWhatTheRegionIs() {
    for (RegionEpoch other : List.of(new RegionEpoch(2, 2), new RegionEpoch(3, 1))) {
      assertThat(new Split(other, List.of(cut("f", 8))).judge(REGION))
          .isEqualTo(new Outcome.EpochMismatch(REGION));
    }
  }

  @Test
  void keysThatDoNotCutAreRefused() {
    List<Split> bad = List.of(
        split(),
        split(cut("b", 8)),
        split(cut("a", 8)),
        split(cut("x", 8)),
        split(cut("z", 8)),
        split(cut("f", 8), cut("f", 9)),
        split(cut("m", 8), cut("f", 9)));
    assertThat(bad)
        .allSatisfy(one -> assertThat(one.judge(REGION)).isInstanceOf(Outcome.Refused.class));
  }

  @Test
  void idsThatAreTakenOrMissingAreRefused() {
    Split.Cut alone = new Split.Cut(Bytes.utf8("f"), new RegionId(8), List.of(81L));
    List<Split> bad = List.of(split(cut("f", 7)), split(cut("f", 8), cut("m", 8)), split(alone));
    assertThat(bad)
        .allSatisfy(one -> assertThat(one.judge(REGION)).isInstanceOf(Outcome.Refused.class));
  }

  @Test
  void entriesAreReadAsTheyWereWritten() {
    Split split = split(cut("f", 8), cut("m", 9));
    assertThat(LogCodec.decodeAny(ControlCodec.encode(split))).isEqualTo(split);
    ComputeSum compute = new ComputeSum(99);
    assertThat(LogCodec.decodeAny(ControlCodec.encode(compute))).isEqualTo(compute);
    VerifySum verify = new VerifySum(12, -5, 3);
    assertThat(LogCodec.decodeAny(ControlCodec.encode(verify))).isEqualTo(verify);
  }
}
