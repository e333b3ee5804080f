package io.quorate.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every key is owned once; what is owned twice or by nobody is told. */
class TilingTest {
  private static Tiling of(String... ranges) {
    List<RegionDescriptor> regions = new ArrayList<>();
    for (String range : ranges) {
      String[] ends = range.split("-", -1);
      regions.add(new RegionDescriptor(
          new RegionId(regions.size() + 1),
          KeyRange.of(Bytes.utf8(ends[0]), Bytes.utf8(ends[1])),
          new RegionEpoch(1, 1),
          List.of()));
    }
    return Tiling.of(regions);
  }

  @Test
  void wholeMapsHaveNoFlaw() {
    assertThat(of("-")).isEqualTo(new Tiling(List.of(), List.of()));
    assertThat(of("-b", "b-m", "m-")).isEqualTo(new Tiling(List.of(), List.of()));
  }

  @Test
  void holesAreFoundWhereverTheyAre() {
    assertThat(of().holes()).containsExactly(KeyRange.ALL);
    assertThat(of("b-").holes()).containsExactly(KeyRange.of(Bytes.EMPTY, Bytes.utf8("b")));
    assertThat(of("-b", "c-").holes())
        .containsExactly(KeyRange.of(Bytes.utf8("b"), Bytes.utf8("c")));
    assertThat(of("-b", "b-c").holes()).containsExactly(KeyRange.of(Bytes.utf8("c"), Bytes.EMPTY));
  }

  @Test
  void overlapsAreFoundWhereverTheyAre() {
    assertThat(of("-c", "b-").overlaps()).hasSize(1);
    assertThat(of("-", "b-c").overlaps()).hasSize(1);
    assertThat(of("-d", "b-c", "d-").overlaps()).hasSize(1);
    assertThat(of("-d", "b-c", "d-").holes()).isEmpty();
  }
}
