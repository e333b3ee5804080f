package io.quorate.client.txn;

import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import java.util.List;

/**
 * What a {@link Coordinator} hears. Any of them may come late, twice or never; what does not concern it any more is passed over.
 */
public sealed interface CommitEvent {
  /** All of a part is locked. */
  record Prewritten(int part) implements CommitEvent {}

  /** Others' locks stand in the way of a part; nothing of it was locked. */
  record Locked(int part, List<ForeignLock> locks) implements CommitEvent {
    public Locked {
      locks = List.copyOf(locks);
    }
  }

  /** The locks in the way of a part are gone. */
  record LocksGone(int part) implements CommitEvent {}

  /** The locks in the way of a part belong to transactions that live. */
  record LocksStay(int part, List<ForeignLock> locks) implements CommitEvent {
    public LocksStay {
      locks = List.copyOf(locks);
    }
  }

  /** The pause for the locks in the way of a part is over. */
  record PauseOver(int part) implements CommitEvent {}

  /**
   * A part cannot be locked: something it relies on has changed, or somebody has rolled the transaction back.
   *
   * @param key that others have written since the start; empty if it is not that
   */
  record Conflicted(int part, Bytes key, String why) implements CommitEvent {}

  /** The data or a limit refuses a part: repeating it will not help. */
  record Refused(int part, RefusalCode code, String message) implements CommitEvent {}

  /** A part does not lie in one region any more; nothing was done with this request of it. */
  record Moved(int part, List<Part> pieces) implements CommitEvent {
    public Moved {
      pieces = List.copyOf(pieces);
    }
  }

  /** A request about a part got no answer: it may or may not have been done. */
  record Silent(int part, String why) implements CommitEvent {}

  /** The oracle gave a number. */
  record Stamped(long revision) implements CommitEvent {}

  /** The oracle gave none. */
  record Unstamped(String why) implements CommitEvent {}

  /** A part's writes are there at the revision. */
  record Committed(int part, long revision) implements CommitEvent {}

  /** The primary says that somebody has rolled the transaction back: it is not committed, and never will be. */
  record CommitRefused(int part, String why) implements CommitEvent {}

  /** The primary knows nothing of the transaction any more: whichever way it was decided, that is long ago. */
  record Vanished(int part) implements CommitEvent {}

  /**
   * The primary refused the commit revision, because somebody has read above it.
   *
   * @param revision that was refused
   * @param minCommit the least that will be taken
   */
  record Pushed(int part, long revision, long minCommit) implements CommitEvent {}

  /** A part's locks are gone, and none will come late. */
  record RolledBack(int part) implements CommitEvent {}

  /** Time to show that the transaction lives. */
  record BeatDue() implements CommitEvent {}

  /** The primary says that somebody has rolled the transaction back. */
  record BeatRefused() implements CommitEvent {}

  /** The caller waits no longer, because its time is over, or because it ends itself. */
  record TimeUp(String why) implements CommitEvent {}
}
