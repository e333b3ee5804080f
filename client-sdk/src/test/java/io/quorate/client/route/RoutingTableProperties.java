package io.quorate.client.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Goal: the table agrees with an unsorted list that is searched from end to end. Method: random
 * descriptors over a small alphabet, of random epochs, are taken by both; after each, every key and
 * random ranges are asked of both.
 */
class RoutingTableProperties {
  private static final int LETTERS = 8;
  private static final List<Peer> PEERS = List.of(Peer.voter(1, 11), Peer.voter(2, 12));

  @Seeds(200)
  void tableAgreesWithANaiveList(long seed) {
    Random random = new Random(seed);
    RoutingTable table = RoutingTable.EMPTY;
    List<Route> naive = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      Route fresh = randomRoute(random);
      table = table.with(fresh);
      takeNaively(naive, fresh);
      assertSame(table, naive, random);
    }
  }

  private static Route randomRoute(Random random) {
    int from = random.nextInt(LETTERS);
    int to = from + 1 + random.nextInt(LETTERS - from);
    RegionDescriptor region = new RegionDescriptor(
        new RegionId(1 + random.nextInt(6)),
        KeyRange.of(bound(from), to == LETTERS ? Bytes.EMPTY : bound(to)),
        new RegionEpoch(1 + random.nextInt(9), 1 + random.nextInt(2)),
        PEERS);
    Peer leader = random.nextInt(3) == 0 ? null : PEERS.get(random.nextInt(2));
    return Route.of(region, leader, leader == null ? 0 : random.nextInt(4));
  }

  private static Bytes bound(int letter) {
    return letter == 0 ? Bytes.EMPTY : Bytes.utf8(String.valueOf((char) ('a' + letter)));
  }

  private static void takeNaively(List<Route> routes, Route fresh) {
    RegionDescriptor region = fresh.region();
    Peer leader = fresh.leader();
    long term = fresh.term();
    List<Route> overlapped = new ArrayList<>();
    // The random ids may stand in several places; then the last leader in key order is kept.
    routes.sort(Comparator.comparing(route -> route.region().range().start()));
    for (Route old : routes) {
      if (!old.region().range().overlaps(region.range())) {
        continue;
      }
      boolean same = old.region().id().equals(region.id());
      if (same
          ? region.epoch().isOlderThan(old.region().epoch())
          : region.epoch().version() < old.region().epoch().version()) {
        return;
      }
      if (same && old.leader() != null && (fresh.leader() == null || fresh.term() <= old.term())) {
        leader = old.leader();
        term = old.term();
      }
      if (leader == null && old.leader() != null) {
        leader = region.peerOn(old.leader().store()).orElse(null);
      }
      overlapped.add(old);
    }
    routes.removeAll(overlapped);
    routes.add(Route.of(region, leader, term));
  }

  private static void assertSame(RoutingTable table, List<Route> naive, Random random) {
    assertThat(table.routes()).containsExactlyInAnyOrderElementsOf(naive);
    for (int letter = 0; letter < LETTERS; letter++) {
      for (String suffix : List.of("", "m")) {
        Bytes key = bound(letter).concat(Bytes.utf8(suffix));
        assertThat(Optional.ofNullable(table.find(key))).isEqualTo(findNaively(naive, key));
      }
    }
    int from = random.nextInt(LETTERS);
    Bytes end = random.nextBoolean() ? Bytes.EMPTY : bound(from + 1 + random.nextInt(3));
    assertPiecesTile(table, KeyRange.of(bound(from), end));
  }

  private static Optional<Route> findNaively(List<Route> routes, Bytes key) {
    return routes.stream().filter(route -> route.region().range().contains(key)).findFirst();
  }

  private static void assertPiecesTile(RoutingTable table, KeyRange range) {
    Bytes at = range.start();
    @Nullable Piece last = null;
    for (Piece piece : table.split(range)) {
      assertThat(piece.range().isEmpty()).isFalse();
      assertThat(piece.range().start()).isEqualTo(at);
      assertThat(piece.route()).isEqualTo(table.find(piece.range().start()));
      Route route = piece.route();
      if (route != null) {
        assertThat(route.region().range().contains(piece.range())).isTrue();
      }
      at = piece.range().end();
      last = piece;
    }
    assertThat(last).isNotNull();
    assertThat(at).isEqualTo(range.end());
  }
}
