package io.quorate.placement.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RevisionWindowProperties {
  @Test
  void anEmptyClusterIsAtOneAndItsFirstWriteGetsTwo() {
    RevisionWindow window = RevisionWindow.startOf(2, 0);
    assertThat(window.counter()).isEqualTo(1);
    assertThat(window.holds(1)).isFalse();
    assertThat(window.extendedTo(1_000).take(1).counter()).isEqualTo(2);
  }

  @Test
  void nothingIsTakenBeyondTheBound() {
    RevisionWindow window = RevisionWindow.startOf(2, 0).extendedTo(4);
    assertThat(window.holds(3)).isTrue();
    assertThat(window.holds(4)).isFalse();
    assertThatThrownBy(() -> window.take(4)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> window.take(0)).isInstanceOf(IllegalStateException.class);
  }

  /** Leaders come and go, some of their bounds are committed late or never, and old leaders go on taking for a while. */
  @Seeds(500)
  void noNumberIsTakenTwiceAndLaterLeadersAreAbove(long seed) {
    Random random = new Random(seed);
    long persisted = 0;
    RevisionWindow deposed = null;
    RevisionWindow window = RevisionWindow.startOf(1, persisted);
    long highest = 1;
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(5)) {
        case 0 -> {
          deposed = window;
          window = RevisionWindow.startOf(window.term() + 1, persisted);
          assertThat(window.counter()).isGreaterThan(highest - (highest == 1 ? 1 : 0));
          highest = Math.max(highest, window.counter());
        }
        case 1 -> {
          long bound = window.counter() + random.nextInt(50);
          persisted = Math.max(persisted, bound);
          window = window.extendedTo(bound);
        }
        default -> {
          int count = 1 + random.nextInt(10);
          if (window.holds(count)) {
            long before = window.counter();
            window = window.take(count);
            assertThat(before).isGreaterThanOrEqualTo(1);
            assertThat(window.counter()).isEqualTo(before + count).isLessThanOrEqualTo(persisted);
            highest = Math.max(highest, window.counter());
          }
          if (deposed != null && deposed.holds(count)) {
            deposed = deposed.take(count);
            assertThat(deposed.counter())
                .isLessThan(RevisionWindow.startOf(9, deposed.bound()).counter());
            assertThat(deposed.counter()).isLessThan(startOfTerm(window, deposed));
          }
        }
      }
    }
  }

  /** What the later window holds lies above all that the earlier may still take. */
  private static long startOfTerm(RevisionWindow later, RevisionWindow earlier) {
    assertThat(later.counter()).isGreaterThan(earlier.bound());
    return later.counter();
  }
}
