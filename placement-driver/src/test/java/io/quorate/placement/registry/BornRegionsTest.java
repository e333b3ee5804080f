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

  private final HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0);

  private static RegionDescriptor region(long id, long version, String start, String end) {
    return new RegionDescriptor(
        new RegionId(id),
        KeyRange.of(Bytes.utf8(start), Bytes.utf8(end)),
        new RegionEpoch(version, 1),
        List.of(LEADER));
  }

  private HeartbeatBook.Verdict hear(RegionDescriptor region) {
    return book.hear(new HeardRegion(region, Optional.of(LEADER), 5, 0, 0));
  }

  private List<RegionDescriptor> map() {
    return book.regions().stream().map(HeardRegion::descriptor).toList();
  }

  @Test
  void itFillsTheHoleUntilItsLeaderIsHeard() {
    hear(region(1, 1, "", ""));
    RegionDescriptor rest = region(1, 2, "m", "");
    RegionDescriptor born = region(2, 2, "", "m");
    hear(rest);
    assertThat(map()).containsExactly(rest);
    assertThat(book.hearBorn(born, 7)).isTrue();
    assertThat(map()).containsExactly(born, rest);
    assertThat(book.region(born.id()).flatMap(HeardRegion::leader)).isEmpty();
    assertThat(hear(born)).isInstanceOf(HeartbeatBook.Verdict.Accepted.class);
    assertThat(book.region(born.id()).flatMap(HeardRegion::leader)).contains(LEADER);
    assertThat(book.hearBorn(born, 8)).as("its leader was heard").isFalse();
    assertThat(book.region(born.id()).flatMap(HeardRegion::leader)).contains(LEADER);
  }

  @Test
  void whatIsKnownOfItsRangeIsNotTakenBack() {
    hear(region(1, 2, "m", ""));
    RegionDescriptor left = region(3, 3, "", "d");
    RegionDescriptor right = region(2, 3, "d", "m");
    hear(left);
    hear(right);
    assertThat(book.hearBorn(region(2, 2, "", "m"), 7)).isFalse();
    assertThat(book.hearBorn(region(4, 9, "c", "e"), 7)).isFalse();
    assertThat(map()).containsExactly(left, right, region(1, 2, "m", ""));
  }
}
