package io.quorate.region.command;

import io.quorate.proto.RefusalCode;
import io.quorate.region.transaction.Obstacles;
import java.util.List;
import java.util.Optional;

/**
 * A command as the log carries it.
 *
 * @param revision its stamp's; 0 of one that takes none
 * @param epochVersion of the region it was made for
 * @param name by which it may be asked for again
 * @param command what to do
 */
public record Stamped(long revision, long epochVersion, WriteName name, Command command) {
  /** Applies the command if region and stamp fit, else says what does not. Every replica judges alike. */
  public Applied apply(RegionView view, long index) {
    if (view.isFrozen()
        || view.descriptor().epoch().version() != epochVersion
        || !command.within(view.descriptor().range())) {
      return new Applied(List.of(), new Outcome.EpochMismatch(view.descriptor()));
    }
    if (!needsStamp(command)) {
      return command.apply(view, new Stamp(index, 0));
    }
    long newest = Math.max(view.lastStamp(), view.floor() - 1);
    if (revision <= newest) {
      return new Applied(List.of(), new Outcome.Restamp(newest));
    }
    if (!name.isNamed()) {
      return unlessLocked(view, index);
    }
    return known(view, index).orElseGet(() -> unlessLocked(view, index).named(name));
  }

  private Applied unlessLocked(RegionView view, long index) {
    if (!view.locks().isEmpty() && !judgesLocks(command)) {
      Optional<Refusal> locked = Obstacles.of(view.locks(), command);
      if (locked.isPresent()) {
        return Applied.refused(locked.get());
      }
    }
    return command.apply(view, new Stamp(index, revision));
  }

  /** What is to be said without doing it: it is done already, or nobody can tell any more. */
  private Optional<Applied> known(RegionView view, long index) {
    // Who names a revision that did not exist when it sent this would be looked for above what it
    // wrote.
    boolean foretold = name.after() >= revision;
    if (foretold || name.after() < WriteName.horizon(view.floor(), view.lastStamp())) {
      return Optional.of(new Applied(List.of(), new Outcome.Forgotten(view.lastStamp())));
    }
    return view.past().find(name, command).map(past -> again(view, index, past));
  }

  /** The first execution's answer, found by looking at what it looked at. */
  private Applied again(RegionView view, long index, PastWrite past) {
    if (past.refusal().isPresent()) {
      return Applied.refused(past.refusal().get());
    }
    Applied before =
        command.apply(new Earlier(view, past.revision()), new Stamp(index, past.revision()));
    boolean same =
        before.outcome() instanceof Outcome.Done && before.mutations().isEmpty() != past.changed();
    // A read in it that names a revision may have become one below the compacted revision.
    return new Applied(
        List.of(), same ? before.outcome() : new Outcome.Forgotten(view.lastStamp()));
  }

  /**
   * Whether a mark must be left: the answer is final although nothing was written, and an earlier attempt of the same write may
   * still be on its way. A lease that is not known here may be in a moment, and a lock will go, so these are not final.
   */
  public boolean leavesMark(Applied applied) {
    if (!name.isNamed() || !name.repeated() || !applied.mutations().isEmpty()) {
      return false;
    }
    return applied.outcome() instanceof Outcome.Done
        || (applied.outcome() instanceof Outcome.Refused refused
            && refused.refusal().code() != RefusalCode.LEASE_NOT_FOUND
            && refused.refusal().code() != RefusalCode.LOCKED);
  }

  /** Whether the command takes a number of the region's order. */
  public static boolean needsStamp(Command command) {
    return !(command instanceof TransactionCommand transaction) || transaction.isStamped();
  }

  /** Whether it is for the command itself to see which locks are in its way. */
  private static boolean judgesLocks(Command command) {
    return command instanceof TransactionCommand || command instanceof LeaseCommand;
  }
}
