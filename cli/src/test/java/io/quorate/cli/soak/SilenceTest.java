package io.quorate.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The silence of the worst region counts, also one that begins before the fault or never ends. */
class SilenceTest {
  private static final LoadKeys KEYS = new LoadKeys(2, 4);

  private final List<Op> ops = new ArrayList<>();

  private void acked(int region, long... millis) {
    for (long at : millis) {
      ops.add(Op.put(
          KEYS.key(region, 1), ops.size(), ops.size(), (at - 1) * 1_000_000, at * 1_000_000));
    }
  }

  private long longest(long fromMillis, long toMillis) {
    Duration longest = Silence.longest(ops, KEYS, fromMillis * 1_000_000, toMillis * 1_000_000);
    return longest.toMillis();
  }

  @Test
  void longestGapOfAnyRegion() {
    acked(0, 10, 20, 30, 40, 50);
    acked(1, 10, 15, 42, 50);
    assertThat(longest(12, 48)).isEqualTo(27);
  }

  @Test
  void gapBeforeTheFaultDoesNotCount() {
    acked(0, 10, 60, 61, 62, 63, 70);
    acked(1, 10, 60, 61, 62, 63, 70);
    assertThat(longest(62, 64)).isEqualTo(7);
  }

  @Test
  void regionThatNeverCameBackIsSilentToTheEnd() {
    acked(0, 10, 20, 30, 40, 50);
    acked(1, 10);
    assertThat(longest(20, 50)).isEqualTo(40);
  }

  @Test
  void regionThatNeverServedIsSilentAllTheTime() {
    acked(0, 10, 20, 30);
    assertThat(longest(10, 30)).isEqualTo(20);
  }

  @Test
  void readsAndFailuresBreakNoSilence() {
    acked(0, 10, 40);
    acked(1, 10, 40);
    ops.add(Op.read(KEYS.key(0, 1), 0, 0, 0, 20_000_000, 21_000_000));
    ops.add(Op.refused(KEYS.key(1, 1), 99, 20_000_000, 21_000_000));
    assertThat(longest(12, 40)).isEqualTo(30);
  }
}
