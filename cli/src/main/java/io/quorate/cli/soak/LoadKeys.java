package io.quorate.cli.soak;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys that a load writes, spread evenly over the regions. Pure.
 *
 * @param regions number of regions, 1 to 26
 * @param keysPerRegion number of keys in each
 */
public record LoadKeys(int regions, int keysPerRegion) {
  public LoadKeys {
    if (regions < 1 || regions > 26 || keysPerRegion < 1) {
      throw new IllegalArgumentException("1 to 26 regions with at least one key each");
    }
  }

  /** Where one region ends and the next begins. */
  public List<String> splitKeys() {
    return IntStream.range(1, regions).mapToObj(region -> prefix(region)).toList();
  }

  int count() {
    return regions * keysPerRegion;
  }

  int region(int key) {
    return key / keysPerRegion;
  }

  int key(int region, int number) {
    return region * keysPerRegion + number;
  }

  Bytes bytes(int key) {
    return Bytes.utf8(prefix(region(key)) + "/soak/" + key);
  }

  int number(Bytes key) {
    String text = key.toUtf8();
    return Integer.parseInt(text.substring(text.lastIndexOf('/') + 1));
  }

  /** Everything the load writes, over all regions. */
  KeyRange whole() {
    return KeyRange.of(Bytes.utf8(prefix(0)), Bytes.utf8(prefix(regions)));
  }

  /** Where the first region's keys begin. */
  static String first() {
    return prefix(0);
  }

  private static String prefix(int region) {
    return Character.toString('a' + region);
  }
}
