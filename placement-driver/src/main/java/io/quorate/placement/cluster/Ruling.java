package io.quorate.placement.cluster;

/** What replaying a record answers to its proposer; the same on every member. */
public sealed interface Ruling {
  Ruling DONE = new Done();

  record Done() implements Ruling {}

  /** A number was given: a store's id, or the last of a block of ids. */
  record Given(long value) implements Ruling {}

  /** The image is as it was; says why and what to do. */
  record Refused(Reason reason, String message) implements Ruling {}

  /** Kinds of refusals, as the wire knows them. */
  enum Reason {
    /** A compare-and-set found another value than it was made for. */
    STALE,
    UNKNOWN_STORE,
    INVALID,
    /** The revision is not above the compacted one, or not readable any more. */
    COMPACTED,
    /** The revision was not handed out yet. */
    FUTURE_REVISION
  }
}
