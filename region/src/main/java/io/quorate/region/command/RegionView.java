package io.quorate.region.command;

import io.quorate.model.RegionDescriptor;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.lease.NoLeases;
import io.quorate.region.mvcc.VersionSource;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.LockView;

/** The replicated state that a command is judged by; it sees the earlier commands of the same batch. */
public interface RegionView extends VersionSource {
  RegionDescriptor descriptor();

  /** No history is kept below this revision; 0 if all is. Entered through the log, so alike on every replica. */
  long floor();

  /** Whether it waits for its left neighbour to take it in, and does nothing else. */
  default boolean isFrozen() {
    return false;
  }

  /** Greatest stamp applied by a command of this region alone; 0 if none was. */
  long lastStamp();

  /** What is remembered of writes that have names. */
  default PastWrites past() {
    return PastWrites.NONE;
  }

  /** What the region knows of leases. */
  default LeaseView leases() {
    return NoLeases.NONE;
  }

  /** What the region keeps of transactions over several regions. */
  default LockView locks() {
    return LockTable.NOTHING;
  }
}
