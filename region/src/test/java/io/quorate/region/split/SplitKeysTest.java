package io.quorate.region.split;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SplitKeysTest {
  private static final SplitLimits LIMITS = new SplitLimits(100_000, 1_000, 100, 10_000);

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("k%06d", number));
  }

  private static SizeMarks data(int keys, int versions, int bytes) {
    SizeMarks.Builder marks = new SizeMarks.Builder();
    for (int i = 0; i < keys; i++) {
      int number = i;
      marks.key(() -> key(number), true);
      for (int version = 0; version < versions; version++) {
        marks.version(bytes);
      }
    }
    return marks.build(true);
  }

  @Test
  void whatFitsIsNotCut() {
    assertThat(SplitKeys.bySize(data(999, 1, 100), LIMITS)).isEmpty();
    assertThat(SplitKeys.bySize(data(0, 0, 0), LIMITS)).isEmpty();
  }

  @Test
  void whatJustDoesNotFitIsHalved() {
    assertThat(SplitKeys.bySize(data(500, 2, 100), LIMITS)).containsExactly(key(250));
    assertThat(SplitKeys.bySize(data(1000, 1, 10), LIMITS)).containsExactly(key(500));
  }

  @Test
  void whatIsFarTooLargeIsCutIntoPartsThatFit() {
    List<Bytes> keys = SplitKeys.bySize(data(5000, 1, 100), LIMITS);
    assertThat(keys).hasSize(7).isSorted().doesNotHaveDuplicates();
    assertThat(keys.get(0)).isBetween(key(620), key(640));
  }

  @Test
  void oneKeyWithManyVersionsIsNeverCut() {
    SizeMarks one = data(1, 5000, 100);
    assertThat(SplitKeys.bySize(one, LIMITS)).isEmpty();
    assertThat(SplitKeys.middle(one)).isEmpty();
  }

  @Test
  void theMiddleOfManyKeysIsFoundThoughMarksAreThinnedOut() {
    SizeMarks much = data(100_000, 1, 100);
    assertThat(much.marks()).hasSizeLessThanOrEqualTo(SizeMarks.MAX_MARKS);
    int middle = Integer.parseInt(SplitKeys.middle(much).orElseThrow().toUtf8().substring(1));
    assertThat(middle).isBetween(49_500, 50_500);
  }

  @Test
  void aHotRegionIsCutWhereItsLoadHalvesAndLittleLiesAcross() {
    List<KeyRange> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(KeyRange.single(key(i)));
    }
    samples.add(KeyRange.of(key(40), key(55)));
    Bytes cut = LoadSplit.choose(KeyRange.ALL, samples).orElseThrow();
    assertThat(cut).isBetween(key(38), key(62));
  }

  @Test
  void oneHotKeyOrRangesOverAllAreNotCut() {
    List<KeyRange> one = new ArrayList<>();
    List<KeyRange> wide = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      one.add(KeyRange.single(key(7)));
      wide.add(KeyRange.ALL);
    }
    assertThat(LoadSplit.choose(KeyRange.ALL, one)).isEmpty();
    assertThat(LoadSplit.choose(KeyRange.ALL, wide)).isEmpty();
  }

  @Test
  void onlyARegionThatStaysHotIsCut() {
    LoadSample sample = new LoadSample(1);
    LoadHistory history = new LoadHistory();
    Optional<Bytes> key = Optional.empty();
    for (int look = 1; look <= 2 * LoadHistory.LOOKS; look++) {
      // One look in the middle finds it cool: counting starts anew.
      int requests = look == LoadHistory.LOOKS ? 10 : 300;
      for (int i = 0; i < requests; i++) {
        int place = sample.note(10);
        if (place >= 0) {
          sample.keep(place, KeyRange.single(key(i)));
        }
      }
      key = history.look(KeyRange.ALL, sample.take(), 1.0, LIMITS);
      assertThat(key.isPresent()).isEqualTo(look == 2 * LoadHistory.LOOKS);
    }
    assertThat(key.orElseThrow()).isBetween(key(75), key(225));
  }
}
