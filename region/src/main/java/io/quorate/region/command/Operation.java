package io.quorate.region.command;

import io.quorate.model.KeyRange;
import java.util.Optional;
import java.util.function.Consumer;

/** What can stand in a branch of a transaction. */
public sealed interface Operation permits Command, Read, BelowCompacted {
  /** Whether all keys it may touch, in whichever branch, lie in the range. */
  boolean within(KeyRange range);

  /** Adds the ranges of keys it may touch, in whichever branch. */
  void addTouched(Consumer<KeyRange> to);

  /** Adds the ranges of keys it may write, in whichever branch. */
  void addWritten(Consumer<KeyRange> to);

  /**
   * What only the state can refuse; judged before the command that it is part of changes anything.
   *
   * @param before the state before the whole command
   */
  Optional<Refusal> check(RegionView before, Stamp stamp);

  /** Does it; it sees what the command has done so far. */
  Result run(Run run);
}
