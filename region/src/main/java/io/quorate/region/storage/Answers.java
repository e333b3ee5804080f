package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Command;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Read;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamp;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.VersionSource;
import io.quorate.region.transaction.Obstacles;
import io.quorate.region.transaction.TxnId;
import java.util.List;
import java.util.Optional;

/** What one state of a region answers to those who only look. Locks are looked at before the data, see LockTable. Stateless. */
final class Answers {
  private Answers() {}

  /**
   * Answers a range read from what is applied; the caller has made sure that this is enough.
   *
   * @param current the revision that the read shows if it names none; everything up to it is applied
   * @param compacted reads below it are refused
   * @param bounds of the answer
   * @param past transactions whose locks do not matter to the read
   * @return done at {@code current}, or refused
   */
  static Outcome read(
      RegionStore.State state,
      VersionSource versions,
      RangeQuery query,
      long current,
      long compacted,
      MvccReader.Bounds bounds,
      List<TxnId> past) {
    Optional<Refusal> refusal = Read.check(query, current, Math.max(compacted, state.floor()));
    if (refusal.isPresent()) {
      return new Outcome.Refused(refusal.get());
    }
    long revision = query.revision() == 0 ? current : query.revision();
    Optional<Refusal> locked = obstacle(state, List.of(query.range()), revision, past);
    if (locked.isPresent()) {
      return new Outcome.Refused(locked.get());
    }
    Optional<RangeResult> result = MvccReader.range(versions, query, revision, bounds);
    return result.isPresent()
        ? new Outcome.Done(current, new Result.Found(result.get()))
        : new Outcome.Refused(Refusal.invalid("quorate: the sorted answer would exceed "
            + bounds.bytes() + " bytes; add a limit or narrow the range"));
  }

  /** Locks that keep a read of the ranges from being answered. */
  static Optional<Refusal> obstacle(
      RegionStore.State state, List<KeyRange> ranges, long revision, List<TxnId> past) {
    return state.locks().isEmpty()
        ? Optional.empty()
        : Obstacles.ofRead(state.locks(), ranges, revision, past);
  }

  /**
   * The leader's look ahead: what the command would come to as a read at the view's revision, if it would write nothing.
   *
   * @param now in which reads are refused below a revision that the floor may not have reached
   * @return empty if it would write or must be judged in the log
   */
  static Optional<Outcome> foresee(AsOf now, Command command) {
    Optional<Refusal> locked = now.state().locks().isEmpty()
        ? Optional.empty()
        : obstacle(now.state(), command.touches(), now.revision(), List.of());
    if (locked.isPresent()) {
      return Optional.of(new Outcome.Refused(locked.get()));
    }
    Applied applied =
        command.apply(now, new Stamp(now.state().position().index(), now.revision() + 1));
    if (!applied.mutations().isEmpty()) {
      return Optional.empty();
    }
    if (applied.outcome() instanceof Outcome.Done done) {
      return Optional.of(new Outcome.Done(now.revision(), done.result()));
    }
    return applied.outcome() instanceof Outcome.Refused
        ? Optional.of(applied.outcome())
        : Optional.empty();
  }
}
