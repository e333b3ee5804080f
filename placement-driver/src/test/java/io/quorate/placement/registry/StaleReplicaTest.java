package io.quorate.placement.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.proto.StoreStats;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which replicas are taken for left over: only those that a leader's own word leaves out, and only after a while. */
class StaleReplicaTest {
  private static final RegionId REGION = new RegionId(7);
  private static final StoreId THREE = new StoreId(3);
  private static final long AGE = 10;

  private final HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0, Long.MAX_VALUE);

  private void tell(long membership, boolean led, Peer... peers) {
    HeardRegion region = new HeardRegion(
        new RegionDescriptor(REGION, KeyRange.ALL, new RegionEpoch(1, membership), List.of(peers)),
        led ? Optional.of(peers[0]) : Optional.empty(),
        1,
        0,
        0);
    book.hear(region, List.of(), 0);
  }

  private void holds(Map<RegionId, Long> held, boolean full, long at, Long... tombstones) {
    book.hear(
        THREE,
        StoreStats.newBuilder().addAllTombstones(List.of(tombstones)).build(),
        held,
        full,
        at);
  }

  private List<HeartbeatBook.Stale> stale(long at) {
    return book.stale(THREE, AGE, 10, at);
  }

  @Test
  void aReplicaThatItsRegionDoesNotCountIsStaleAfterAWhile() {
    tell(2, true, Peer.voter(1, 11), Peer.voter(2, 12));
    holds(Map.of(REGION, 13L), true, 100);
    assertThat(stale(109)).isEmpty();
    // Further beats do not make it younger.
    holds(Map.of(), false, 105);
    assertThat(stale(110)).singleElement().satisfies(one -> {
      assertThat(one.replica()).isEqualTo(13);
      assertThat(one.epoch().orElseThrow().membership()).isEqualTo(2);
    });
    holds(Map.of(), false, 111, 7L);
    assertThat(stale(200)).isEmpty();
  }

  @Test
  void whatIsLeftOfARegionThatEndedInAnotherIsStaleByThatOnesWord() {
    RegionId over = new RegionId(99);
    holds(Map.of(over, 13L), true, 100);
    assertThat(stale(200)).as("nobody said so").isEmpty();
    book.ended(List.of(99L));
    assertThat(stale(200)).singleElement().satisfies(one -> {
      assertThat(one.region()).isEqualTo(over);
      assertThat(one.epoch()).isEmpty();
      assertThat(one.replica()).isEqualTo(13);
    });
  }

  @Test
  void membersAndTheUnknownAreLeftAlone() {
    holds(Map.of(REGION, 13L, new RegionId(8), 14L), true, 100);
    assertThat(stale(200)).as("no leader was heard of either").isEmpty();
    tell(1, true, Peer.voter(1, 11), Peer.voter(3, 13));
    assertThat(stale(200)).as("it is a member").isEmpty();
    tell(2, false, Peer.voter(1, 11));
    assertThat(stale(200)).as("nobody leads who could say so").isEmpty();
    tell(3, true, Peer.voter(1, 11));
    assertThat(stale(200)).hasSize(1);
    holds(Map.of(REGION, 0L), true, 300);
    assertThat(stale(400)).as("which replica it is was not told").hasSize(1);
    holds(Map.of(REGION, 15L), true, 400);
    assertThat(stale(405)).as("another one, new").isEmpty();
  }
}
