package io.quorate.region.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.testing.Seeds;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Against a set of single keys. */
class KeyRangesProperties {
  private static Bytes key(int at) {
    return Bytes.wrap(new byte[] {(byte) at});
  }

  @Seeds(500)
  void unionsHoldWhatTheirPartsHold(long seed) {
    Random random = new Random(seed);
    TreeSet<Integer> model = new TreeSet<>();
    KeyRanges ranges = KeyRanges.NONE;
    for (int i = 0; i < 12; i++) {
      int from = random.nextInt(100);
      int to = random.nextInt(20) == 0 ? 256 : from + random.nextInt(12);
      KeyRange range = KeyRange.of(key(from), to == 256 ? Bytes.EMPTY : key(to));
      ranges = random.nextBoolean() ? ranges.with(range) : KeyRanges.of(range).unite(ranges);
      for (int at = from; at < to; at++) {
        model.add(at);
      }
      for (int at = 0; at < 256; at++) {
        assertThat(ranges.contains(key(at)))
            .as("%s in %s", at, ranges)
            .isEqualTo(model.contains(at));
      }
    }
  }

  @Test
  void manyPartsAreBoundedByTakingInWhatLiesBetween() {
    KeyRanges ranges = KeyRanges.NONE;
    for (int i = 0; i < 2 * KeyRanges.MAX_RANGES; i++) {
      Bytes at = Bytes.wrap(new byte[] {(byte) (i >> 7), (byte) (i << 1), 1});
      ranges = ranges.with(KeyRange.single(at));
      assertThat(ranges.contains(at)).isTrue();
      assertThat(ranges.ranges()).hasSizeLessThanOrEqualTo(KeyRanges.MAX_RANGES);
    }
  }
}
