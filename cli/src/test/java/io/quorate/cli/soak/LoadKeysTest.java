package io.quorate.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys lie in the region that they say they lie in. */
class LoadKeysTest {
  private static final LoadKeys KEYS = new LoadKeys(5, 7);

  @Test
  void splitKeysCutExactlyBetweenTheRegions() {
    assertThat(KEYS.splitKeys()).containsExactly("b", "c", "d", "e");
    for (int key = 0; key < KEYS.count(); key++) {
      Bytes bytes = KEYS.bytes(key);
      long cutsBelow = KEYS.splitKeys().stream()
          .filter(cut -> Bytes.utf8(cut).compareTo(bytes) <= 0)
          .count();
      assertThat(cutsBelow).isEqualTo(KEYS.region(key));
      assertThat(KEYS.whole().contains(bytes)).isTrue();
      assertThat(KEYS.number(bytes)).isEqualTo(key);
    }
  }

  @Test
  void everyKeyHasBytesOfItsOwn() {
    assertThat(IntStream.range(0, KEYS.count()).mapToObj(KEYS::bytes)).doesNotHaveDuplicates();
  }
}
