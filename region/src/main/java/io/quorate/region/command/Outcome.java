package io.quorate.region.command;

import io.quorate.model.RegionDescriptor;

/** What came of a command or read: the same on every replica. All but {@link Done} changed nothing. */
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
   * The region has another shape than the command was made for.
   *
   * @param current its shape now
   */
  record EpochMismatch(RegionDescriptor current) implements Outcome {}
}
