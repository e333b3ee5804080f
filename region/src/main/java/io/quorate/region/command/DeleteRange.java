package io.quorate.region.command;

import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyVersion;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Deletes the keys of a range; of none it writes nothing.
 *
 * @param range user keys; one that can hold none deletes none
 * @param previous answer with the versions before
 */
public record DeleteRange(KeyRange range, boolean previous) implements Command {
  @Override
  public boolean within(KeyRange region) {
    return range.isEmpty() || region.contains(range);
  }

  @Override
  public void addTouched(Consumer<KeyRange> to) {
    to.accept(range);
  }

  @Override
  public void addWritten(Consumer<KeyRange> to) {
    to.accept(range);
  }

  @Override
  public Optional<Refusal> check(RegionView before, Stamp stamp) {
    return Optional.empty();
  }

  @Override
  public Result run(Run run) {
    List<KeyVersion> doomed = run.collect(range, previous);
    for (KeyVersion kv : doomed) {
      run.delete(kv.key(), kv.version());
    }
    return new Result.Deleted(doomed.size(), previous ? doomed : List.of());
  }
}
