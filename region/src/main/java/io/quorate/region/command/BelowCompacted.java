package io.quorate.region.command;

import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A read inside a transaction that came after its revision had been compacted, as the oracle's answer for the transaction's
 * stamp showed: refused where it would run, and only there. The floor may lie below it still.
 *
 * @param range what was to be read
 * @param compacted the compacted revision
 */
public record BelowCompacted(KeyRange range, long compacted) implements Operation {
  @Override
  public boolean within(KeyRange region) {
    return range.isEmpty() || region.contains(range);
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    to.accept(range);
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {}

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    return Optional.of(Refusal.compacted(compacted));
  }

  @Override
  public Result run(Run run) {
    throw new IllegalStateException("a refused read is not run");
  }
}
