package io.quorate.raft.host;

import io.quorate.raft.SnapshotHooks;

/** Which way a group's log may be cut, and how a replica that lacks what was cut comes back. */
public sealed interface Snapshots {
  /** The machine's whole state is small: it is saved with the cut, and sent to replicas that need it. */
  static Snapshots smallState(SnapshotHooks hooks) {
    return new SmallState(hooks);
  }

  /**
   * The machine keeps its state in the host's database, written before {@code apply} returns: a cut is only noted. Logs are
   * cut no further than every replica has them.
   */
  static Snapshots selfPersisted() {
    return new SelfPersisted();
  }

  record SmallState(SnapshotHooks hooks) implements Snapshots {}

  record SelfPersisted() implements Snapshots {}
}
