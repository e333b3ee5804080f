package io.quorate.bench.elastic;

import io.quorate.client.placement.Located;
import io.quorate.model.Peer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each store has of the data and of the leaders. Pure.
 *
 * @param shares by store id; stores that have nothing are in it, too
 */
record Balance(Map<Long, Share> shares) {
  /** A region that is empty or nearly so still counts so much, as it does for the placement driver. */
  private static final long REGION_BYTES_MIN = 1 << 20;

  /** What one store has. */
  record Share(int replicas, long bytes, int leaders) {
    Share plus(int moreReplicas, long moreBytes, int moreLeaders) {
      return new Share(replicas + moreReplicas, bytes + moreBytes, leaders + moreLeaders);
    }
  }

  /**
   * Counts.
   *
   * @param stores those that are to have a share
   */
  static Balance of(Collection<Long> stores, List<Located> regions) {
    Map<Long, Share> shares = new TreeMap<>();
    stores.forEach(store -> shares.put(store, new Share(0, 0, 0)));
    for (Located region : regions) {
      long bytes = Math.max(REGION_BYTES_MIN, region.approximateBytes());
      for (Peer peer : region.region().peers()) {
        shares.computeIfPresent(peer.store().value(), (id, had) -> had.plus(1, bytes, 0));
      }
      region
          .leader()
          .ifPresent(peer ->
              shares.computeIfPresent(peer.store().value(), (id, had) -> had.plus(0, 0, 1)));
    }
    return new Balance(shares);
  }

  /** By how much the store that is farthest from the mean has more or less than it, as a share of the mean. */
  double unevenBytes() {
    return uneven(shares.values().stream().mapToDouble(Share::bytes).toArray());
  }

  double unevenLeaders() {
    return uneven(shares.values().stream().mapToDouble(Share::leaders).toArray());
  }

  private static double uneven(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double worst = 0;
    for (double value : values) {
      worst = Math.max(worst, Math.abs(value - mean));
    }
    return mean == 0 ? 0 : worst / mean;
  }

  /**
   * Whether no store is farther from the mean than the tolerance.
   *
   * <p>Leaders are whole: a store that is off by one or two of them is even, however few there are.
   */
  boolean isWithin(double tolerance) {
    double leaders = shares.values().stream().mapToInt(Share::leaders).average().orElse(0);
    return unevenBytes() <= tolerance
        && unevenLeaders() <= Math.max(tolerance, leaders == 0 ? 0 : 1 / leaders);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    shares.forEach((store, share) -> text.append(String.format(
        Locale.ROOT,
        "store %d: %d replicas, %d MiB, %d leaders%n",
        store,
        share.replicas(),
        share.bytes() >> 20,
        share.leaders())));
    return text.append(String.format(
            Locale.ROOT,
            "farthest from the mean: bytes %.1f %%, leaders %.1f %%",
            100 * unevenBytes(),
            100 * unevenLeaders()))
        .toString();
  }
}
