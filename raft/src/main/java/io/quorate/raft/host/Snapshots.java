package io.quorate.raft.host;

import io.quorate.raft.SnapshotHooks;
import java.util.Optional;

/** Which way a group's log may be cut, and how a replica that lacks what was cut comes back. */
public sealed interface Snapshots {
  /** The machine's whole state is small: it is saved with the cut, and sent to replicas that need it. */
  static Snapshots smallState(SnapshotHooks hooks) {
    return new SmallState(hooks);
  }

  /**
   * The machine keeps its state in the host's database, written before {@code apply} returns: a cut is only noted. Its state
   * cannot be sent, so logs are cut no further than every replica has them.
   */
  static Snapshots selfPersisted() {
    return new SelfPersisted(Optional.empty());
  }

  /** The same, with snapshots built on demand for replicas that lack what was cut. */
  static Snapshots ranges(RangeSnapshots ranges) {
    return new SelfPersisted(Optional.of(ranges));
  }

  record SmallState(SnapshotHooks hooks) implements Snapshots {}

  record SelfPersisted(Optional<RangeSnapshots> ranges) implements Snapshots {}
}
