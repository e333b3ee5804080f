package io.quorate.client.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whom a client asks first for a region that has just been cut off another. */
class RoutingTableTest {
  private static final Bytes CUT = Bytes.utf8("m");

  private static final Route WHOLE = Route.of(
      new RegionDescriptor(
          new RegionId(1),
          KeyRange.ALL,
          new RegionEpoch(1, 1),
          List.of(Peer.voter(1, 11), Peer.voter(2, 12), Peer.voter(3, 13))),
      Peer.voter(2, 12),
      7);

  private static RegionDescriptor child(Peer... peers) {
    return new RegionDescriptor(
        new RegionId(2), KeyRange.of(Bytes.EMPTY, CUT), new RegionEpoch(2, 1), List.of(peers));
  }

  private static Route found(RoutingTable table) {
    return Objects.requireNonNull(table.find(Bytes.EMPTY));
  }

  private static @Nullable Peer leader(RegionDescriptor child, @Nullable Peer told) {
    return found(RoutingTable.EMPTY.with(WHOLE).with(Route.of(child, told, 0))).leader();
  }

  @Test
  void childIsAskedForWhereTheWholeWasLed() {
    RegionDescriptor child = child(Peer.voter(1, 21), Peer.voter(2, 22), Peer.voter(3, 23));
    assertThat(leader(child, null)).isEqualTo(Peer.voter(2, 22));
    Route guessed = found(RoutingTable.EMPTY.with(WHOLE).with(Route.of(child, null, 0)));
    assertThat(guessed.term()).isZero();
  }

  @Test
  void whatWasToldIsNoGuess() {
    RegionDescriptor child = child(Peer.voter(1, 21), Peer.voter(2, 22), Peer.voter(3, 23));
    assertThat(leader(child, Peer.voter(3, 23))).isEqualTo(Peer.voter(3, 23));
    // A guess gives way to the first that is told, be its term ever so small.
    RoutingTable guessed = RoutingTable.EMPTY.with(WHOLE).with(Route.of(child, null, 0));
    assertThat(found(guessed.with(Route.of(child, Peer.voter(1, 21), 6))).leader())
        .isEqualTo(Peer.voter(1, 21));
  }

  @Test
  void noGuessWhereThatStoreHasNoneOfTheChild() {
    assertThat(leader(child(Peer.voter(1, 21), Peer.voter(3, 23), Peer.voter(4, 24)), null))
        .isNull();
  }
}
