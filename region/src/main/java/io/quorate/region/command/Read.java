package io.quorate.region.command;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.RangeQuery;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A range read inside a transaction: it sees the operations before it.
 *
 * @param query its answer is never cut into pages
 */
public record Read(RangeQuery query) implements Operation {
  @Override
  public boolean within(KeyRange region) {
    return query.range().isEmpty() || region.contains(query.range());
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    to.accept(query.range());
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {}

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    // Every number below the stamp has been handed out, and nothing below it can still come.
    return check(query, stamp.revision() - 1, before.floor());
  }

  /** Whether a read at the query's revision is possible where the given one is the newest. */
  public static Optional<Refusal> check(RangeQuery query, long current, long compacted) {
    if (query.revision() > current) {
      return Optional.of(Refusal.FUTURE_REVISION);
    }
    return query.revision() > 0 && query.revision() < compacted
        ? Optional.of(Refusal.compacted(compacted))
        : Optional.empty();
  }

  @Override
  public Result run(Run run) {
    return new Result.Found(run.read(query));
  }
}
