package io.quorate.embedded;

import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Where a new cluster's keyspace is cut into regions. Pure. */
public final class SplitKeys {
  private static final int EVEN_REGIONS_MAX = 500;

  /** Greatest number that YCSB hashes to, as a fraction of 10^19. */
  private static final double HASH_MAX = 0.9223;

  private SplitKeys() {}

  /**
   * Keys as given, sorted.
   *
   * @throws IllegalArgumentException if a key is empty or given twice
   */
  public static List<Bytes> of(List<String> keys) {
    TreeSet<Bytes> sorted = new TreeSet<>();
    for (String key : keys) {
      if (key.isEmpty()) {
        throw new IllegalArgumentException("a split key must not be empty");
      }
      if (!sorted.add(Bytes.utf8(key))) {
        throw new IllegalArgumentException("split key '" + key + "' is given twice");
      }
    }
    return List.copyOf(sorted);
  }

  /**
   * Cuts the space of YCSB's keys (the prefix and a hash from 0 to 2^63, in decimal without leading zeros) into regions that
   * get about the same number of keys.
   *
   * @param regions 1 to 500
   */
  public static List<Bytes> evenly(int regions, String prefix) {
    if (regions < 1 || regions > EVEN_REGIONS_MAX) {
      throw new IllegalArgumentException(
          "regions must be 1 to " + EVEN_REGIONS_MAX + ", not " + regions);
    }
    // In the order of texts a number counts as 0.ddd…, at least 0.1. Those of 19 digits (all but a
    // share of 0.1 / HASH_MAX)
    // lie evenly in [0.1, HASH_MAX), the others in [0.1, 1).
    double keysPerUnit = (1 + 0.1 / 0.9) / HASH_MAX;
    List<Bytes> keys = new ArrayList<>();
    for (int i = 1; i < regions; i++) {
      double place = 0.1 + (double) i / regions / keysPerUnit;
      keys.add(Bytes.utf8(prefix + Math.min(9999, Math.round(10_000 * place))));
    }
    return List.copyOf(keys);
  }
}
