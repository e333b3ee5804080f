package io.quorate.region.command;

import io.quorate.model.RegionDescriptor;
import java.util.List;

/** What came of a command or read: the same on every replica. All but {@link Done}, {@link Split} and {@link Merge} changed nothing. */
public sealed interface Outcome {
  /**
   * Done.
   *
   * @param revision of a write its stamp; of a read the snapshot it shows
   * @param result the answer
   */
  record Done(long revision, Result result) implements Outcome {}

  /** The data refuses it, for good. */
  record Refused(Refusal refusal) implements Outcome {}

  /**
   * The stamp came too late: the command is to be proposed again with a new one.
   *
   * @param above the new stamp must be greater than this
   */
  record Restamp(long above) implements Outcome {}

  /**
   * The command has a name that is too old to tell whether it was done before; it was not done now.
   *
   * @param newest a revision that names first sent now may begin after
   */
  record Forgotten(long newest) implements Outcome {}

  /**
   * The region has another shape than the command was made for.
   *
   * @param current its shape now
   */
  record EpochMismatch(RegionDescriptor current) implements Outcome {}

  /**
   * A step of a merge was done.
   *
   * @param region as it is after it; larger than before if the right one was taken in
   * @param state what is known of merges after it; of a commit, before what the right one knew is added
   */
  record Merge(RegionDescriptor region, MergeState state) implements Outcome {}

  /**
   * The region was cut.
   *
   * @param regions what it is now, in key order; the last has its id
   */
  record Split(List<RegionDescriptor> regions) implements Outcome {
    public Split {
      regions = List.copyOf(regions);
    }

    /** Those that did not exist before. */
    public List<RegionDescriptor> children() {
      return regions.subList(0, regions.size() - 1);
    }

    /** What is left of the region that was cut. */
    public RegionDescriptor parent() {
      return regions.get(regions.size() - 1);
    }
  }
}
