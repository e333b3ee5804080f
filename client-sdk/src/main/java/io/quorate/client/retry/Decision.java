package io.quorate.client.retry;

/** What to do after a failed attempt. */
public sealed interface Decision {
  /**
   * Try again.
   *
   * @param pauseMillis to wait before; 0: at once
   * @param otherPeer do not go on believing in the replica that was asked
   * @param refresh ask PD for the region again, meanwhile
   */
  record Retry(long pauseMillis, boolean otherPeer, boolean refresh) implements Decision {}

  /** Tell the caller. */
  record GiveUp(Verdict verdict, String message) implements Decision {}

  /** What the caller may conclude. */
  enum Verdict {
    /** It certainly was not done, and never will be. */
    NOT_DONE,
    /** It may have been done, or may be done yet. */
    UNKNOWN,
    /** The client was closed; it certainly was not done. */
    CLOSED
  }
}
