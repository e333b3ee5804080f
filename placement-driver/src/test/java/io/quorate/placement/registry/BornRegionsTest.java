package io.quorate.placement.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.placement.cluster.ClusterImage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A region that was cut off is in the map from the moment on in which its parent is heard to be smaller. */
class BornRegionsTest {
  private static final Peer LEADER = Peer.voter(1, 11);

  private final HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0, Long.MAX_VALUE);

  private static RegionDescriptor region(long id, long version, String start, String end) {
    return new RegionDescriptor(
        new RegionId(id),
        KeyRange.of(Bytes.utf8(start), Bytes.utf8(end)),
        new RegionEpoch(version, 1),
        List.of(LEADER));
  }

  private HeartbeatBook.Verdict hear(RegionDescriptor region, RegionDescriptor... born) {
    return book.hear(new HeardRegion(region, Optional.of(LEADER), 5, 0, 0), List.of(born), 7);
  }

  private List<RegionDescriptor> map() {
    return book.regions().stream().map(HeardRegion::descriptor).toList();
  }

  private Optional<Peer> leader(RegionDescriptor region) {
    return book.region(region.id()).flatMap(HeardRegion::leader);
  }

  @Test
  void itTakesItsPlaceWithItsParent() {
    hear(region(1, 1, "", ""));
    RegionDescriptor rest = region(1, 2, "m", "");
    RegionDescriptor born = region(2, 2, "", "m");
    assertThat(hear(rest, born))
        .isInstanceOfSatisfying(
            HeartbeatBook.Verdict.Accepted.class,
            accepted -> assertThat(accepted.others())
                .extracting(HeardRegion::descriptor)
                .containsExactly(born));
    assertThat(map()).containsExactly(born, rest);
    assertThat(leader(born)).isEmpty();
    assertThat(hear(born)).isInstanceOf(HeartbeatBook.Verdict.Accepted.class);
    assertThat(leader(born)).contains(LEADER);
    hear(rest, born);
    assertThat(leader(born)).as("its leader was heard").contains(LEADER);
  }

  @Test
  void aParentThatNamesNobodyWaitsForItsChild() {
    RegionDescriptor whole = region(1, 1, "", "");
    hear(whole);
    RegionDescriptor rest = region(1, 2, "m", "");
    assertThat(hear(rest)).isInstanceOf(HeartbeatBook.Verdict.Waits.class);
    assertThat(map()).containsExactly(whole);
    assertThat(hear(whole))
        .as("it is known to be over")
        .isInstanceOf(HeartbeatBook.Verdict.Refused.class);
    RegionDescriptor child = region(2, 2, "", "m");
    assertThat(hear(child))
        .isInstanceOfSatisfying(
            HeartbeatBook.Verdict.Accepted.class,
            accepted -> assertThat(accepted.others())
                .extracting(HeardRegion::descriptor)
                .containsExactly(rest));
    assertThat(map()).containsExactly(child, rest);
  }

  @Test
  void itDoesNotWaitForEver() {
    HeartbeatBook impatient = new HeartbeatBook(ClusterImage.EMPTY, 0, 10);
    RegionDescriptor rest = region(1, 2, "m", "");
    HeardRegion whole = new HeardRegion(region(1, 1, "", ""), Optional.of(LEADER), 5, 0, 0);
    HeardRegion cut = new HeardRegion(rest, Optional.of(LEADER), 5, 0, 0);
    impatient.hear(whole, List.of(), 0);
    assertThat(impatient.hear(cut, List.of(), 100)).isInstanceOf(HeartbeatBook.Verdict.Waits.class);
    assertThat(impatient.hear(cut, List.of(), 109)).isInstanceOf(HeartbeatBook.Verdict.Waits.class);
    assertThat(impatient.hear(cut, List.of(), 110))
        .isInstanceOf(HeartbeatBook.Verdict.Accepted.class);
    assertThat(impatient.regions()).containsExactly(cut);
  }

  @Test
  void whatIsKnownOfItsRangeIsNotTakenBack() {
    RegionDescriptor rest = region(1, 2, "m", "");
    hear(rest);
    RegionDescriptor left = region(3, 3, "", "d");
    RegionDescriptor right = region(2, 3, "d", "m");
    hear(left);
    hear(right);
    hear(rest, region(2, 2, "", "m"), region(4, 9, "c", "e"));
    assertThat(map()).containsExactly(left, right, rest);
  }
}
