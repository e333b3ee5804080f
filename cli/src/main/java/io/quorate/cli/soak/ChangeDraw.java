package io.quorate.cli.soak;

import io.quorate.client.placement.Located;
import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A change of regions drawn at random. Pure but for the random numbers.
 *
 * @param keys where regions are cut
 * @param txns where others are cut, half of the time; empty if there are none
 * @param round of theirs
 */
record ChangeDraw(LoadKeys keys, Optional<TxnKeys> txns, long round) {
  /** Without transactions. */
  static ChangeDraw of(LoadKeys keys) {
    return new ChangeDraw(keys, Optional.empty(), 0);
  }

  /**
   * A change to be ordered.
   *
   * @param region whom it is for; the left one of a merge
   * @param key where to cut
   * @param from whose replica moves
   * @param to where it goes, or who shall lead
   */
  record Drawn(Change change, RegionId region, Bytes key, StoreId from, StoreId to) {}

  /** Empty if the map has nothing that the drawn change could be done to. */
  Optional<Drawn> draw(
      Change change, List<Located> regions, List<StoreId> serving, SplittableRandom random) {
    if (regions.isEmpty()) {
      return Optional.empty();
    }
    return switch (change) {
      case SPLIT -> split(regions, random);
      case MERGE -> merge(regions, random);
      case TRANSFER -> transfer(pick(regions, random), random);
      case MOVE -> move(pick(regions, random), serving, random);
    };
  }

  private static <T> T pick(List<T> from, SplittableRandom random) {
    return from.get(random.nextInt(from.size()));
  }

  /** Behind a key of the load, so that no two cuts are the same and there is always one more. */
  private Optional<Drawn> split(List<Located> regions, SplittableRandom random) {
    Bytes key = txns.isPresent() && random.nextBoolean()
        ? txns.get().cut(round, random)
        : keys.bytes(random.nextInt(keys.count()))
            .concat(Bytes.utf8("~" + Long.toString(random.nextLong(1L << 40), 36)));
    return regions.stream()
        .filter(region -> region.region().range().contains(key))
        .findFirst()
        .map(region ->
            new Drawn(Change.SPLIT, region.region().id(), key, StoreId.NONE, StoreId.NONE));
  }

  private static Optional<Drawn> merge(List<Located> regions, SplittableRandom random) {
    List<Located> lefts = new ArrayList<>();
    for (int i = 0; i + 1 < regions.size(); i++) {
      if (stores(regions.get(i)).equals(stores(regions.get(i + 1)))) {
        lefts.add(regions.get(i));
      }
    }
    return lefts.isEmpty()
        ? Optional.empty()
        : Optional.of(new Drawn(
            Change.MERGE,
            pick(lefts, random).region().id(),
            Bytes.EMPTY,
            StoreId.NONE,
            StoreId.NONE));
  }

  private static Optional<Drawn> transfer(Located region, SplittableRandom random) {
    List<StoreId> heirs = region.region().peers().stream()
        .filter(peer -> peer.role() == PeerRole.VOTER)
        .filter(peer -> region.leader().filter(peer::equals).isEmpty())
        .map(Peer::store)
        .toList();
    return heirs.isEmpty()
        ? Optional.empty()
        : Optional.of(new Drawn(
            Change.TRANSFER, region.region().id(), Bytes.EMPTY, StoreId.NONE, pick(heirs, random)));
  }

  private static Optional<Drawn> move(
      Located region, List<StoreId> serving, SplittableRandom random) {
    Set<StoreId> holding = stores(region);
    List<StoreId> free =
        serving.stream().filter(store -> !holding.contains(store)).toList();
    return free.isEmpty() || holding.isEmpty()
        ? Optional.empty()
        : Optional.of(new Drawn(
            Change.MOVE,
            region.region().id(),
            Bytes.EMPTY,
            pick(List.copyOf(holding), random),
            pick(free, random)));
  }

  private static Set<StoreId> stores(Located region) {
    return region.region().peers().stream().map(Peer::store).collect(Collectors.toSet());
  }
}
