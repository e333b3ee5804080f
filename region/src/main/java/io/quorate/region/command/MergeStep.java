package io.quorate.region.command;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;

/**
 * The steps of a merge, each an entry in one region's log. The left region's log alone decides: it begins, commits or aborts; the
 * right one freezes in between, and thaws only after the left one has aborted. Pure: every replica judges alike.
 */
public sealed interface MergeStep extends RegionEntry {
  /**
   * What it makes of a region.
   *
   * @param index of its entry
   * @return {@link Outcome.Merge}, or why not: {@link Outcome.EpochMismatch} or {@link Outcome.Refused}
   */
  Outcome judge(long index, RegionDescriptor region, MergeState state);

  /** In the left log: its range and members stay as they are from here to the decision. */
  record Prepare(RegionEpoch expected, RegionDescriptor right) implements MergeStep {
    @Override
    public Outcome judge(long index, RegionDescriptor region, MergeState state) {
      if (!region.epoch().equals(expected)) {
        return new Outcome.EpochMismatch(region);
      }
      if (state.isUnderWay()) {
        return refused("region " + region.id() + " is being merged already");
      }
      if (region.range().isUnbounded()
          || !region.range().end().equals(right.range().start())
          || right.range().isEmpty()) {
        return refused(right + " does not begin where " + region + " ends");
      }
      if (!region.isAlignedWith(right)) {
        return refused("the replicas of " + right + " are not voters on the stores of " + region);
      }
      return new Outcome.Merge(region, state.begun(new MergeState.Pending(index, expected, right)));
    }
  }

  /** In the right log: nothing of it is served, written or changed after this. Again is as good as once. */
  record Freeze(RegionEpoch expected, RegionId left, long generation) implements MergeStep {
    @Override
    public Outcome judge(long index, RegionDescriptor region, MergeState state) {
      if (!region.epoch().equals(expected)) {
        return new Outcome.EpochMismatch(region);
      }
      if (state.isFrozenFor(left, generation)) {
        return new Outcome.Merge(region, state);
      }
      return state.isUnderWay()
          ? refused("region " + region.id() + " is being merged already")
          : new Outcome.Merge(region, state.frozen(new MergeState.Frozen(left, generation)));
    }
  }

  /** In the right log: the left one has aborted. */
  record Thaw(RegionId left, long generation) implements MergeStep {
    @Override
    public Outcome judge(long index, RegionDescriptor region, MergeState state) {
      return state.isFrozenFor(left, generation)
          ? new Outcome.Merge(region, state.thawed())
          : refused("region " + region.id() + " is not frozen for that merge");
    }
  }

  /** In the left log, once every replica of the right one has its freeze on disk: the right one is part of this one. */
  record Commit(long generation) implements MergeStep {
    /** Where the members changed since it was begun, the merge is aborted instead. */
    @Override
    public Outcome judge(long index, RegionDescriptor region, MergeState state) {
      if (!state.isPending(generation)) {
        return refused("merge " + generation + " is not pending in region " + region.id());
      }
      MergeState.Pending pending = state.pending().orElseThrow();
      return region.epoch().equals(pending.epoch())
          ? new Outcome.Merge(whole(region, pending.right()), state)
          : new Outcome.Merge(region, state.aborted(generation));
    }

    private static RegionDescriptor whole(RegionDescriptor left, RegionDescriptor right) {
      long version = Math.max(left.epoch().version(), right.epoch().version()) + 1;
      return new RegionDescriptor(
          left.id(),
          KeyRange.of(left.range().start(), right.range().end()),
          new RegionEpoch(version, left.epoch().membership()),
          left.peers());
    }
  }

  /** In the left log: the merge will not be. */
  record Abort(long generation) implements MergeStep {
    @Override
    public Outcome judge(long index, RegionDescriptor region, MergeState state) {
      return state.isPending(generation)
          ? new Outcome.Merge(region, state.aborted(generation))
          : refused("merge " + generation + " is not pending in region " + region.id());
    }
  }

  private static Outcome refused(String why) {
    return new Outcome.Refused(Refusal.invalid("quorate: " + why));
  }
}
