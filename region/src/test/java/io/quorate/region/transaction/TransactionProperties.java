package io.quorate.region.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Goal: whatever comes twice, late, never or in another order, a transaction over several regions is seen whole or not at all, by
 * every reader at every revision, while regions are cut and joined under it. Method: many small worlds, each from its seed; run
 * one again with {@code -Dseed=N}, more of them with {@code -Dseeds=N}.
 */
final class TransactionProperties {
  private static final int STEPS = 400;

  @Test
  void transactionsAreWholeInEveryWorld() {
    Long only = Long.getLong("seed");
    long seeds = only == null ? Long.getLong("seeds", 500) : 1;
    long committed = 0;
    for (long i = 0; i < seeds; i++) {
      committed += run(only == null ? i : only);
    }
    if (only == null) {
      assertThat(committed).as("transactions that made it").isGreaterThan(seeds);
    }
  }

  private static int run(long seed) {
    try {
      TransactionWorld world = new TransactionWorld(seed);
      for (int step = 0; step < STEPS; step++) {
        world.step();
      }
      world.settle();
      world.check();
      return world.committed();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("-Dseed=" + seed + ": " + e.getMessage(), e);
    }
  }
}
