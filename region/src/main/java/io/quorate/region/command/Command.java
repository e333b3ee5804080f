package io.quorate.region.command;

import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An instruction in a region's log: one record each, its rule beside its data. */
public sealed interface Command extends Operation
    permits Put, DeleteRange, Txn, Restore, LeaseCommand, TransactionCommand {
  /** Its effect on the state, and nothing else: the stamp's and the region's fit were checked by {@link Stamped}. */
  default Applied apply(RegionView view, Stamp stamp) {
    Optional<Refusal> refusal = check(view, stamp);
    if (refusal.isPresent()) {
      return Applied.refused(refusal.get());
    }
    Run run = Run.ofOne(view, stamp);
    return run.finish(run(run));
  }

  /** The ranges of keys it may touch, in whichever branch. */
  default List<KeyRange> touches() {
    List<KeyRange> ranges = new ArrayList<>(1);
    addTouched(ranges::add);
    return ranges;
  }

  /** The ranges of keys it may write, in whichever branch. */
  default List<KeyRange> writes() {
    List<KeyRange> ranges = new ArrayList<>(1);
    addWritten(ranges::add);
    return ranges;
  }
}
