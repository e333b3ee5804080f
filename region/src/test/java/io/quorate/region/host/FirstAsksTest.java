package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.RegionId;
import org.junit.jupiter.api.Test;

/** How long leaders must ask for a replica before an empty one is made. */
class FirstAsksTest {
  private static final RegionId CHILD = new RegionId(7);

  private final FirstAsks asks = new FirstAsks(2, 100);

  @Test
  void askThatLastsIsDueAndThenCountedAnew() {
    assertThat(asks.isDue(CHILD, 0)).isFalse();
    assertThat(asks.isDue(CHILD, 99)).isFalse();
    assertThat(asks.isDue(CHILD, 100)).isTrue();
    assertThat(asks.isDue(CHILD, 101)).isFalse();
  }

  @Test
  void replicaThatCameByItsSplitIsNotMade() {
    assertThat(asks.isDue(CHILD, 0)).isFalse();
    asks.came(CHILD);
    // Removed later, and asked for again: that is another ask.
    assertThat(asks.isDue(CHILD, 500)).isFalse();
  }

  @Test
  void beyondTheLimitAsksArePutOff() {
    assertThat(asks.isDue(new RegionId(1), 0)).isFalse();
    assertThat(asks.isDue(new RegionId(2), 0)).isFalse();
    assertThat(asks.isDue(CHILD, 0)).isFalse();
    assertThat(asks.isDue(CHILD, 200)).isFalse();
    assertThat(asks.isDue(new RegionId(1), 200)).isTrue();
    assertThat(asks.isDue(CHILD, 200)).isFalse();
    assertThat(asks.isDue(CHILD, 300)).isTrue();
  }

  @Test
  void askersWhoGaveUpMakeRoom() {
    assertThat(asks.isDue(new RegionId(1), 0)).isFalse();
    assertThat(asks.isDue(new RegionId(2), 0)).isFalse();
    assertThat(asks.isDue(CHILD, 2_000)).isFalse();
    assertThat(asks.isDue(CHILD, 2_100)).isTrue();
  }

  @Test
  void askAfterALongSilenceCountsFromAnew() {
    assertThat(asks.isDue(CHILD, 0)).isFalse();
    assertThat(asks.isDue(CHILD, 5_000)).isFalse();
    assertThat(asks.isDue(CHILD, 5_100)).isTrue();
  }
}
