package io.quorate.placement.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

  /** Leaders come and go, and deposed ones go on taking what their bound allows. */
  @Seeds(300)
  void noNumberIsTakenTwiceAndLaterLeadersAreAbove(long seed) {
    Random random = new Random(seed);
    Set<Long> taken = new HashSet<>();
    long highest = 0;
    long persisted = 0;
    List<RevisionWindow> leaders = new ArrayList<>(List.of(RevisionWindow.startOf(1, persisted)));
    for (int step = 0; step < 300; step++) {
      int newest = leaders.size() - 1;
      if (random.nextInt(10) == 0) {
        RevisionWindow next = RevisionWindow.startOf(newest + 2, persisted);
        assertThat(next.counter()).isGreaterThan(highest);
        leaders.add(next);
      } else if (random.nextInt(5) == 0) {
        RevisionWindow leader = leaders.get(newest);
        long bound = leader.counter() + random.nextInt(50);
        persisted = Math.max(persisted, bound);
        leaders.set(newest, leader.extendedTo(bound));
      } else {
        int who = random.nextInt(3) == 0 ? random.nextInt(leaders.size()) : newest;
        int count = 1 + random.nextInt(10);
        RevisionWindow leader = leaders.get(who);
        if (leader.holds(count)) {
          RevisionWindow after = leader.take(count);
          leaders.set(who, after);
          for (long number = leader.counter() + 1; number <= after.counter(); number++) {
            assertThat(taken.add(number)).as("%d is taken once", number).isTrue();
          }
          highest = Math.max(highest, after.counter());
        }
      }
    }
    assertThat(taken).isNotEmpty().doesNotContain(1L);
  }
}
