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
  static final int ACCOUNTS = 16;

  /** In each region. */
  static final int LISTS = 24;

  /** Neighbours that are read as one range. */
  private static final int SHELF = 4;

  /** In each region. */
  static final int SHELVES = LISTS / SHELF;

  /** Each of two keys, in two regions. */
  static final int PAIRS = 8;

  /** Lists are cut in one of the first generations of a round. */
  private static final int CUT_GENERATIONS = 4;

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
   * @param generation lists are filled one generation after the other
   * @param slot which of them
   */
  String list(long round, long generation, int slot) {
    return generation(round, generation, slot % regions) + shelf(slot / regions / SHELF) + slot;
  }

  private static String generation(long round, long generation, int region) {
    return String.format("%s/list/%d/%08d/", letter(region), round, generation);
  }

  private static String shelf(int number) {
    return Character.toString('a' + number) + "/";
  }

  /** Some of the lists of one generation that lie in a region. */
  KeyRange shelf(long round, long generation, int region, int shelf) {
    return KeyRange.prefix(Bytes.utf8(generation(round, generation, region) + shelf(shelf)));
  }

  /** Their names. */
  List<String> namesOnShelf(long round, long generation, int region, int shelf) {
    return names(round, generation, region).subList(shelf * SHELF, (shelf + 1) * SHELF);
  }

  /** The lists of one generation that lie in a region. */
  KeyRange lists(long round, long generation, int region) {
    return KeyRange.prefix(Bytes.utf8(generation(round, generation, region)));
  }

  /** Their names. */
  List<String> names(long round, long generation, int region) {
    return IntStream.range(0, LISTS)
        .mapToObj(number -> list(round, generation, number * regions + region))
        .toList();
  }

  /** Accounts and duties of a region. */
  KeyRange numbers(int region) {
    return KeyRange.of(
        Bytes.utf8(letter(region) + "/account/"), Bytes.utf8(letter(region) + "/list/"));
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

  /** Somewhere among the keys, among the lists of one generation, too, to cut a region there; no two are the same. */
  Bytes cut(long round, SplittableRandom random) {
    int region = random.nextInt(regions);
    String before = switch (random.nextInt(4)) {
      case 0 -> letter(region) + "/account/";
      case 1 -> letter(region) + "/duty/";
      default ->
        generation(round, random.nextInt(CUT_GENERATIONS), region) + shelf(random.nextInt(SHELVES));
    };
    return Bytes.utf8(before + random.nextInt(regions * LISTS) + "~"
        + Long.toString(random.nextLong(1L << 40), 36));
  }
}
