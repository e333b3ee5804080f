package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.RegionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class BeatPlanTest {
  private static final RegionId ONE = new RegionId(1);
  private static final RegionId TWO = new RegionId(2);

  private final BeatPlan plan = new BeatPlan(100);

  @Test
  void regionIsToldWhenFirstLedAndThenSlowly() {
    assertThat(plan.due(List.of(ONE), 0)).containsExactly(ONE);
    assertThat(plan.due(List.of(ONE, TWO), 50)).containsExactly(TWO);
    assertThat(plan.due(List.of(ONE, TWO), 99)).isEmpty();
    assertThat(plan.due(List.of(ONE, TWO), 100)).containsExactly(ONE);
    assertThat(plan.due(List.of(ONE, TWO), 150)).containsExactly(TWO);
  }

  @Test
  void changeIsToldAtOnce() {
    plan.due(List.of(ONE, TWO), 0);
    plan.changed(List.of(TWO));
    assertThat(plan.due(List.of(ONE, TWO), 1)).containsExactly(TWO);
    assertThat(plan.due(List.of(ONE, TWO), 2)).isEmpty();
  }

  @Test
  void regionThatIsNotLedIsNotTold() {
    plan.changed(List.of(ONE));
    assertThat(plan.due(List.of(), 0)).isEmpty();
  }

  @Test
  void regionLedAgainIsToldAtOnce() {
    plan.due(List.of(ONE), 0);
    plan.due(List.of(), 1);
    assertThat(plan.due(List.of(ONE), 2)).containsExactly(ONE);
  }

  @Test
  void newStreamHearsEverything() {
    plan.due(List.of(ONE, TWO), 0);
    plan.forget();
    assertThat(plan.due(List.of(ONE, TWO), 1)).containsExactly(ONE, TWO);
  }
}
