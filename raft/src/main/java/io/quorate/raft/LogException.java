package io.quorate.raft;

/** Why a proposal, barrier or change did not succeed; the kind says what the caller may conclude. No stack trace. */
public final class LogException extends RuntimeException {
  /** What the caller may conclude. */
  public enum Kind {
    /** Certainly not done: this replica does not lead, or its leadership could not be confirmed. */
    NOT_LEADER,
    /** Certainly not done: the term asked for is over. */
    STALE_TERM,
    /** Certainly not done: a bounded queue is full. */
    BUSY,
    /** Certainly not done: the group or host is shut down or failed, or the request makes no sense. */
    REFUSED,
    /** Proposed, result unknown: it may or may not be applied, now or later. */
    INDETERMINATE
  }

  private final Kind kind;

  public LogException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
