package io.quorate.region.command;

import java.util.List;

/**
 * A command as the log carries it.
 *
 * @param revision its stamp's
 * @param epochVersion of the region it was made for
 * @param clientId who asked; 0 if nobody will repeat it
 * @param sequence of the client, names the write once for all; 0 with client 0
 * @param command what to do
 */
public record Stamped(
    long revision, long epochVersion, long clientId, long sequence, Command command) {
  /** Applies the command if region and stamp fit, else says what does not. Every replica judges alike. */
  public Applied apply(RegionView view, long index) {
    if (view.isFrozen()
        || view.descriptor().epoch().version() != epochVersion
        || !command.within(view.descriptor().range())) {
      return new Applied(List.of(), new Outcome.EpochMismatch(view.descriptor()));
    }
    long newest = Math.max(view.lastStamp(), view.floor());
    if (revision <= newest) {
      return new Applied(List.of(), new Outcome.Restamp(newest));
    }
    return command.apply(view, new Stamp(index, revision));
  }
}
