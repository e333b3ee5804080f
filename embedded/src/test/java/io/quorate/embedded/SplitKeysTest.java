package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.quorate.model.Bytes;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SplitKeysTest {
  @Test
  void keysAreSortedAndDifferent() {
    assertThat(SplitKeys.of(List.of("m", "c"))).containsExactly(Bytes.utf8("c"), Bytes.utf8("m"));
    assertThatThrownBy(() -> SplitKeys.of(List.of("a", "a"))).hasMessageContaining("twice");
    assertThatThrownBy(() -> SplitKeys.of(List.of(""))).hasMessageContaining("empty");
  }

  @Test
  void oneRegionNeedsNoCut() {
    assertThat(SplitKeys.evenly(1, "user")).isEmpty();
  }

  @Test
  void ycsbKeysSpreadEvenly() {
    int regions = 8;
    TreeMap<Bytes, Integer> counts = new TreeMap<>();
    counts.put(Bytes.EMPTY, 0);
    SplitKeys.evenly(regions, "user").forEach(key -> counts.put(key, 0));
    assertThat(counts).hasSize(regions);
    Random random = new Random(1);
    int keys = 80_000;
    for (int i = 0; i < keys; i++) {
      Bytes key = Bytes.utf8("user" + (random.nextLong() & Long.MAX_VALUE));
      counts.merge(counts.floorKey(key), 1, Integer::sum);
    }
    counts.forEach(
        (start, count) -> assertThat((double) count / keys).isCloseTo(1.0 / regions, within(0.02)));
  }

  @Test
  void manyRegionsStillHaveDifferentKeys() {
    assertThat(SplitKeys.evenly(500, "user")).doesNotHaveDuplicates().isSorted().hasSize(499);
  }
}
