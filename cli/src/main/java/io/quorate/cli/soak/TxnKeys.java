package io.quorate.cli.soak;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The keys that transactions touch, spread evenly over regions that lie before those of {@link LoadKeys}. Pure.
 *
 * @param regions number of regions, 2 to 26
 */
record TxnKeys(int regions) {
  /** In each region. */
  static final int ACCOUNTS = 2;

  /** In each region. */
  static final int LISTS = 3;

  /** Each of two keys, in two regions. */
  static final int PAIRS = 4;

  TxnKeys {
    if (regions < 2 || regions > 26) {
      throw new IllegalArgumentException("transactions need 2 to 26 regions");
    }
  }

  /** Where regions begin; the last of them is followed by the load's first. */
  List<String> splitKeys() {
    return IntStream.range(1, regions + 1)
        .mapToObj(region -> region == regions ? LoadKeys.first() : letter(region))
        .toList();
  }

  private static String letter(int region) {
    return Character.toString('A' + region);
  }

  KeyRange whole() {
    return KeyRange.of(Bytes.utf8(letter(0)), Bytes.utf8(LoadKeys.first()));
  }

  int accounts() {
    return regions * ACCOUNTS;
  }

  Bytes account(int number) {
    return Bytes.utf8(letter(number % regions) + "/account/" + number);
  }

  int slots() {
    return regions * LISTS;
  }

  /**
   * A list.
   *
   * @param round of the soak
   * @param slot which of its lists
   * @param generation how many lists were filled in that slot before
   */
  String list(long round, int slot, int generation) {
    return letter(slot % regions) + "/list/" + round + "/" + slot + "/" + generation;
  }

  /** Two keys in two regions, of which one must be set. */
  Bytes duty(int pair, boolean first) {
    int region = (pair * 2 + (first ? 0 : 1)) % regions;
    return Bytes.utf8(letter(region) + "/duty/" + pair + (first ? "/one" : "/other"));
  }

  /** Where the lists of all rounds lie, one range in each region. */
  List<KeyRange> lists() {
    return IntStream.range(0, regions)
        .mapToObj(region -> KeyRange.prefix(Bytes.utf8(letter(region) + "/list/")))
        .toList();
  }

  /** Somewhere among the keys, to cut a region there; no two are the same. */
  Bytes cut(SplittableRandom random) {
    String kind = List.of("account", "duty", "list").get(random.nextInt(3));
    return Bytes.utf8(letter(random.nextInt(regions)) + "/" + kind + "/" + random.nextInt(10) + "~"
        + Long.toString(random.nextLong(1L << 40), 36));
  }
}
