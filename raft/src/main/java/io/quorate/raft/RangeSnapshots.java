package io.quorate.raft;

import java.nio.file.Path;

/**
 * Snapshots of machines that persist their state themselves in the host's database: a local snapshot is only a note that
 * the log may be cut; files are built on demand, when a replica needs them.
 */
public interface RangeSnapshots {
  /** Writes the state as of now into files under the empty directory and says what it is of. Called off the apply thread. */
  Built build(Path directory) throws Exception;

  /**
   * Replaces this replica's whole state by the files' and makes index, term and membership durable with it; redone from the
   * start if the process dies midway. Called on the apply thread.
   */
  void install(Path directory, Built snapshot) throws Exception;

  /**
   * What the files hold.
   *
   * @param index last applied entry in them
   * @param term of that entry
   * @param membership as of that entry
   */
  record Built(long index, long term, Membership membership) {}
}
