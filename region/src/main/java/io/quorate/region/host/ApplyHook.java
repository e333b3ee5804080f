package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.region.command.Mutation;
import java.util.List;

/** Hears of every write once it is applied and readable, in log order. Called on the apply thread: must be quick. */
@FunctionalInterface
public interface ApplyHook {
  ApplyHook NONE = (region, index, mutations) -> {};

  /**
   * A batch of entries has been applied.
   *
   * @param region as of after it
   * @param index of its last entry
   * @param mutations in the order of their revisions; empty if the batch wrote nothing
   */
  void applied(RegionDescriptor region, long index, List<Mutation> mutations);

  /**
   * A region has taken in its right neighbour, all of whose writes were told before: its keys are this one's now.
   *
   * @param whole as of after it
   * @param right as it was
   */
  default void merged(RegionDescriptor whole, RegionDescriptor right) {}
}
